"""MixMIM: two images mixed, windows in which each attends to itself. See peer.py."""

from peer import *
D = 4
dep = [1, 1, 2, 1]
heads = [2, 2, 4, 4]
win = [4, 4, 2, 2]
S = 64
N = 3
DD = 8
R = 2
eps = 1e-05


class WindowAttention(nn.Module):
    def __init__(self, d, w, h):
        super().__init__()
        self.h = h
        self.w = w
        self.relative_position_bias_table = nn.Parameter(torch.zeros((2 * w - 1) ** 2, h))
        self.qkv = nn.Linear(d, 3 * d)
        self.proj = nn.Linear(d, d)
        c = torch.stack(torch.meshgrid(torch.arange(w), torch.arange(w), indexing='ij')).flatten(1)
        r = c[:, :, None] - c[:, None]
        self.idx = (r[0] + w - 1) * (2 * w - 1) + r[1] + w - 1

    def forward(self, x, m):
        B, L, C = x.shape
        q, k, v = self.qkv(x).view(B, L, 3, self.h, C // self.h).permute(2, 0, 3, 1, 4)
        a = q @ k.transpose(-1, -2) / math.sqrt(C // self.h) + self.relative_position_bias_table[self.idx].permute(2, 0, 1)
        same = m[:, None, :, None] == m[:, None, None, :]
        a = a.masked_fill(~same, -1e+30)
        return self.proj((a.softmax(-1) @ v).transpose(1, 2).reshape(B, L, C))


class BiasedBlock(nn.Module):
    def __init__(self, d, g, w, h):
        super().__init__()
        self.g = g
        self.w = min(g, w)
        self.norm1 = nn.LayerNorm(d)
        self.attn = WindowAttention(d, self.w, h)
        self.norm2 = nn.LayerNorm(d)
        self.mlp = MLP(d, int(d * R))

    def forward(self, x, m):
        B, L, C = x.shape
        g, w = (self.g, self.w)
        wi = lambda y: y.view(-1, g // w, w, g // w, w, y.shape[-1]).permute(0, 1, 3, 2, 4, 5).reshape(-1, w * w, y.shape[-1])
        y = self.attn(wi(self.norm1(x)), wi(m.expand(B, -1, 1))[..., 0]).view(B, g // w, g // w, w, w, C).permute(0, 1, 3, 2, 4, 5).reshape(B, L, C)
        x = x + y
        return x + self.mlp(self.norm2(x))


class PatchMerging(nn.Module):
    def __init__(self, d, g):
        super().__init__()
        self.g = g
        self.reduction = nn.Linear(4 * d, 2 * d, bias=False)
        self.norm = nn.LayerNorm(4 * d)

    def forward(self, x):
        B = x.shape[0]
        x = x.view(B, self.g, self.g, -1)
        x = torch.cat([x[:, 0::2, 0::2], x[:, 1::2, 0::2], x[:, 0::2, 1::2], x[:, 1::2, 1::2]], -1).flatten(1, 2)
        return self.reduction(self.norm(x))


class Stage(nn.Module):
    def __init__(self, i, last):
        super().__init__()
        d = D * 2 ** i
        g = S // 4 // 2 ** i
        self.blocks = nn.ModuleList((BiasedBlock(d, g, win[i], heads[i]) for _ in range(dep[i])))
        self.downsample = None if last else PatchMerging(d, g)

    def forward(self, x, m):
        for b in self.blocks:
            x = b(x, m)
        return self.downsample(x) if self.downsample else x


class PatchEmbed(nn.Module):
    def __init__(self):
        super().__init__()
        self.proj = nn.Conv2d(3, D, 4, stride=4)
        self.norm = nn.LayerNorm(D)

    def forward(self, x):
        return self.norm(self.proj(x).flatten(2).transpose(1, 2))


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.patch_embed = PatchEmbed()
        self.layers = nn.ModuleList((Stage(i, i == 3) for i in range(4)))
        self.norm = nn.LayerNorm(D * 8)
        self.mask_token = nn.Parameter(torch.zeros(1, 1, DD))
        self.absolute_pos_embed = fixed(sincos2d(D, S // 4, S // 4))
        self.decoder_pos_embed = fixed(sincos2d(DD, S // 32, S // 32))
        self.decoder_embed = nn.Linear(D * 8, DD)
        self.decoder_blocks = nn.ModuleList([Block(DD, 4, R, 1e-05)])
        self.decoder_norm = nn.LayerNorm(DD)
        self.decoder_pred = nn.Linear(DD, 3072)

    def forward(self, x, rec, ratio):
        g = S // 32
        r = ratio + rec.uniform(0.0, 0.2)
        mask = torch.zeros(1, g * g)
        mask.scatter_(1, rec.rand(1, 1, g * g)[0].argsort(1)[:, :int(g * g * r)], 1)
        up = lambda k: mask.view(1, g, g).repeat_interleave(k, 1).repeat_interleave(k, 2).reshape(1, -1, 1)
        m1 = up(8)
        e = self.patch_embed(x)
        e = e * (1 - m1) + e.flip(0) * m1 + self.absolute_pos_embed
        for i, l in enumerate(self.layers):
            e = l(e, up(8 // 2 ** i))
        z = self.norm(e)
        m = up(1)
        d = self.decoder_embed(z)
        t = self.mask_token
        d = torch.cat([d * (1 - m) + t * m, d * m + t * (1 - m)]) + self.decoder_pos_embed
        for b in self.decoder_blocks:
            d = b(d)
        p = self.decoder_pred(self.decoder_norm(d))
        u = p[:N] * m + p[N:].flip(0) * (1 - m)
        loss = ((u - normpix(patchify(x, 32))) ** 2).mean()
        return (loss, p, m, z, u)


m = Model()
redraw(m, 0.2)
rec = Rec()
x = img(N, 3, S, S)
loss, p, mm, z, u = m(x, rec, 0.5)
dump('mixmim.json', 'mixmim', {'img_size': S, 'patch_size': 4, 'in_chans': 3, 'num_classes': 0, 'embed_dim': D, 'depths': dep, 'num_heads': heads, 'window_size': win, 'mlp_ratio': R, 'qkv_bias': True, 'qk_scale': None, 'patch_norm': True, 'drop_rate': 0.0, 'drop_path_rate': 0.0, 'decoder_dim': DD, 'decoder_depth': 1, 'decoder_num_heads': 4, 'norm_pix_loss': True, 'range_mask_ratio': 0.2, 'mask_ratio': 0.5, 'use_checkpoint': False}, {'imgs': x}, rec.draws, m, {'mask': mm, 'latent': z, 'x_rec': p, 'unmix_x_rec': u}, loss)
