"""GreenMIM: Swin on visible tokens, attention inside the visible part of each window. See peer.py."""

from peer import *
D = 4
dep = [2, 2, 1]
heads = [2, 2, 4]
W = 4
S = 64
P_ = 4
N = 2
DD = 8
R = 2


class WindowAttention(nn.Module):
    def __init__(self, d, w, h):
        super().__init__()
        self.h, self.w = (h, w)
        self.relative_position_bias_table = nn.Parameter(torch.zeros((2 * w - 1) ** 2, h))
        self.qkv = nn.Linear(d, 3 * d)
        self.proj = nn.Linear(d, d)

    def forward(self, x, co, sh):
        B, L, C = x.shape
        w = self.w
        g = (co + (w - sh) % w) // w
        gid = g[:, 0] * 10 ** 4 + g[:, 1]
        same = gid[:, None] == gid[None]
        r = co[:, None] - co[None] + w - 1
        idx = (r[..., 0] * (2 * w - 1) + r[..., 1]) * same
        q, k, v = self.qkv(x).view(B, L, 3, self.h, C // self.h).permute(2, 0, 3, 1, 4)
        a = q @ k.transpose(-1, -2) / math.sqrt(C // self.h)
        a = a + (self.relative_position_bias_table[idx] * same[..., None]).permute(2, 0, 1) + ~same * -100.0
        return self.proj((a.softmax(-1) @ v).transpose(1, 2).reshape(B, L, C))


class GroupBlock(nn.Module):
    def __init__(self, d, g, h, i):
        super().__init__()
        w = min(g, W)
        self.sh = 0 if i % 2 == 0 or g <= W else W // 2
        self.norm1 = nn.LayerNorm(d, eps=1e-06)
        self.attn = WindowAttention(d, w, h)
        self.norm2 = nn.LayerNorm(d, eps=1e-06)
        self.mlp = MLP(d, d * R)

    def forward(self, x, co):
        x = x + self.attn(self.norm1(x), co, self.sh)
        return x + self.mlp(self.norm2(x))


class PatchMerging(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.reduction = nn.Linear(4 * d, 2 * d, bias=False)
        self.norm = nn.LayerNorm(4 * d, eps=1e-06)

    def forward(self, x, co):
        key = {tuple(c.tolist()): i for i, c in enumerate(co)}
        new = [c.tolist() for c in co if c[0] % 2 == 0 and c[1] % 2 == 0]
        ids = [key[y + a, z + b] for y, z in new for a in (0, 1) for b in (0, 1)]
        x = x[:, ids].reshape(x.shape[0], len(new), -1)
        return (self.reduction(self.norm(x)), torch.tensor(new) // 2)


class Stage(nn.Module):
    def __init__(self, i):
        super().__init__()
        d = D * 2 ** i
        g = S // P_ // 2 ** i
        self.blocks = nn.ModuleList((GroupBlock(d, g, heads[i], j) for j in range(dep[i])))
        self.downsample = PatchMerging(d) if i < len(dep) - 1 else None


class PatchEmbed(nn.Module):
    def __init__(self):
        super().__init__()
        self.proj = nn.Conv2d(3, D, P_, stride=P_)
        self.norm = nn.LayerNorm(D, eps=1e-06)


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.patch_embed = PatchEmbed()
        self.layers = nn.ModuleList((Stage(i) for i in range(len(dep))))
        self.norm = nn.LayerNorm(D * 2 ** (len(dep) - 1), eps=1e-06)


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        E = D * 2 ** (len(dep) - 1)
        st = P_ * 2 ** (len(dep) - 1)
        g = S // st
        self.encoder = Encoder()
        self.decoder_embed = nn.Linear(E, DD)
        self.mask_token = nn.Parameter(torch.zeros(1, 1, DD))
        self.decoder_pos_embed = fixed(sincos2d(DD, g, g))
        self.decoder_blocks = nn.ModuleList([Block(DD, 2, 4)])
        self.decoder_norm = nn.LayerNorm(DD, eps=1e-06)
        self.decoder_pred = nn.Linear(DD, st * st * 3)


m = Model()
redraw(m, 0.2)
rec = Rec()
x = img(N, 3, S, S)
st = P_ * 2 ** (len(dep) - 1)
g = S // st
L = g * g
keep, mask, re = randmask(rec, 1, L, 0.6)
G = S // P_
k = G // g
mm = mask.view(g, g).repeat_interleave(k, 0).repeat_interleave(k, 1)
vis = (mm == 0).nonzero()
e = m.encoder.patch_embed
t = e.norm(e.proj(x).flatten(2).transpose(1, 2))[:, vis[:, 0] * G + vis[:, 1]]
co = vis
for l in m.encoder.layers:
    for b in l.blocks:
        t = b(t, co)
    if l.downsample:
        t, co = l.downsample(t, co)


z = m.encoder.norm(t)
d = m.decoder_embed(z)
re = re.expand(N, -1)
mask = mask.expand(N, -1)
d = take(torch.cat([d, m.mask_token.expand(N, L - d.shape[1], -1)], 1), re) + m.decoder_pos_embed
for b in m.decoder_blocks:
    d = b(d)


p = m.decoder_pred(m.decoder_norm(d))
loss = (((p - normpix(patchify(x, st))) ** 2).mean(-1) * mask).sum() / mask.sum()
dump('green.json', 'greenmim', {'img_size': S, 'patch_size': P_, 'in_chans': 3, 'embed_dim': D, 'depths': dep, 'num_heads': heads, 'window_size': W, 'mlp_ratio': R, 'decoder_embed_dim': DD, 'decoder_depth': 1, 'decoder_num_heads': 2, 'norm_pix_loss': True, 'mask_ratio': 0.6, 'drop_path_rate': 0.0}, {'imgs': x}, rec.draws, m, {'mask': mask, 'ids_restore': re, 'latent': z, 'pred': p}, loss)
