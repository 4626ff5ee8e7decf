"""VideoMAE with layer scale, and V2 with a masked decoder. See peer.py."""

from peer import *
T_, S, tp, p = (8, 16, 2, 8)
t, g = (T_ // tp, S // p)
L = t * g * g
D = 16
DD = 8
N = 2


def sinus(n, d):
    a = np.array([[i / np.power(10000, 2 * (j // 2) / d) for j in range(d)] for i in range(n)])
    a[:, 0::2] = np.sin(a[:, 0::2])
    a[:, 1::2] = np.cos(a[:, 1::2])
    return torch.tensor(a)[None]


class Attention(nn.Module):
    def __init__(self, d, h):
        super().__init__()
        self.h = h
        self.q_bias = nn.Parameter(torch.zeros(d))
        self.v_bias = nn.Parameter(torch.zeros(d))
        self.qkv = nn.Linear(d, 3 * d, bias=False)
        self.proj = nn.Linear(d, d)

    def forward(self, x):
        B, n, C = x.shape
        q, k, v = (self.qkv(x) + torch.cat([self.q_bias, torch.zeros_like(self.q_bias), self.v_bias])).view(B, n, 3, self.h, C // self.h).permute(2, 0, 3, 1, 4)
        return self.proj(((q @ k.transpose(-1, -2) / math.sqrt(C // self.h)).softmax(-1) @ v).transpose(1, 2).reshape(B, n, C))


class BiasedBlock(Block):
    def __init__(self, d, h, iv):
        super().__init__(d, h, 2)
        self.attn = Attention(d, h)
        self.iv = iv
        if iv:
            self.gamma_1 = nn.Parameter(torch.zeros(d))
            self.gamma_2 = nn.Parameter(torch.zeros(d))

    def forward(self, x):
        if self.iv:
            x = x + self.gamma_1 * self.attn(self.norm1(x))
            return x + self.gamma_2 * self.mlp(self.norm2(x))
        return super().forward(x)


class CubeEmbed(nn.Module):
    def __init__(self):
        super().__init__()
        self.proj = nn.Conv3d(3, D, (tp, p, p), stride=(tp, p, p))


class Encoder(nn.Module):
    def __init__(self, iv):
        super().__init__()
        self.patch_embed = CubeEmbed()
        self.blocks = nn.ModuleList([BiasedBlock(D, 4, iv)])
        self.norm = nn.LayerNorm(D, eps=1e-06)


class Decoder(nn.Module):
    def __init__(self, iv):
        super().__init__()
        self.blocks = nn.ModuleList([BiasedBlock(DD, 2, iv)])
        self.norm = nn.LayerNorm(DD, eps=1e-06)
        self.head = nn.Linear(DD, tp * p * p * 3)


class Model(nn.Module):
    def __init__(self, iv):
        super().__init__()
        self.mask_token = nn.Parameter(torch.zeros(1, 1, DD))
        self.encoder = Encoder(iv)
        self.decoder = Decoder(iv)
        self.encoder_to_decoder = nn.Linear(D, DD, bias=False)


def run(file, v2, iv):
    m = Model(iv)
    redraw(m)
    x = img(N, 3, T_, S, S)
    draws = []
    masks = []
    dms = []
    for n in range(N):
        k = int(0.5 * g * g)
        pm = torch.randperm(g * g)
        base = torch.tensor([0.0] * (g * g - k) + [1.0] * k)
        draws.append({'call': 'shuffle', 'perm': T(pm), 'out': T(base[pm])})
        masks.append(base[pm].repeat(t))
    mask = torch.stack(masks).bool()
    if v2:
        dm = torch.stack([torch.cat([(torch.arange(g * g) + f) % 2 == 0 for f in range(t)]) for _ in range(N)])
    mean, std = (torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225]))
    u = x * std[None, :, None, None, None] + mean[None, :, None, None, None]
    u = u.view(N, 3, t, tp, g, p, g, p).permute(0, 2, 4, 6, 3, 5, 7, 1).reshape(N, L, tp * p * p, 3)
    u = (u - u.mean(2, keepdim=True)) / (u.var(2, keepdim=True).sqrt() + 1e-06)
    u = u.reshape(N, L, -1)
    h = m.encoder.patch_embed.proj(x).flatten(2).transpose(1, 2) + sinus(L, D)
    h = h[~mask].view(N, -1, D)
    for b in m.encoder.blocks:
        h = b(h)
    h = m.encoder_to_decoder(m.encoder.norm(h))
    pos = sinus(L, DD).expand(N, -1, -1)
    sel = ~dm if v2 else mask
    d = torch.cat([h + pos[~mask].view(N, -1, DD), m.mask_token + pos[sel].view(N, -1, DD)], 1)
    n = int(sel[0].sum())
    for b in m.decoder.blocks:
        d = b(d)
    pr = m.decoder.head(m.decoder.norm(d[:, -n:]))
    lab = u[sel].view(N, n, -1)
    l = (pr - lab) ** 2
    if v2:
        w = mask[sel].view(N, n).double()
        loss = (l.mean(-1) * w).sum() / w.sum()
    else:
        loss = l.mean()
    inp = {'videos': x}
    if v2:
        inp.update(bool_masked_pos=mask, decode_masked_pos=dm)
    dump(file, 'videomae_v2' if v2 else 'videomae', {'img_size': S, 'patch_size': p, 'encoder_in_chans': 3, 'encoder_embed_dim': D, 'encoder_depth': 1, 'encoder_num_heads': 4, 'decoder_embed_dim': DD, 'decoder_depth': 1, 'decoder_num_heads': 2, 'mlp_ratio': 2, 'init_values': 0.1 if iv else 0, 'tubelet_size': tp, 'num_frames': T_, 'mask_ratio': 0.5, **({'decoder_mask_ratio': 0.5} if v2 else {})}, inp, draws, m, {'pred': pr, 'labels': lab}, loss)


run('vmae1.json', 0, 1)
run('vmae2.json', 1, 0)
