"""MAE of long sequences: decoder on a coarser grid, masks of units, no key biases. See peer.py."""

from peer import *


class UnbiasedKeys(nn.Module):
    def __init__(self, d, h):
        super().__init__()
        self.h = h
        self.qkv = nn.Linear(d, 3 * d, bias=False)
        self.q_bias = nn.Parameter(torch.zeros(d))
        self.v_bias = nn.Parameter(torch.zeros(d))
        self.proj = nn.Linear(d, d)

    def forward(self, x):
        B, N, C = x.shape
        y = self.qkv(x) + torch.cat([self.q_bias, torch.zeros_like(self.q_bias), self.v_bias])
        q, k, v = y.view(B, N, 3, self.h, C // self.h).permute(2, 0, 3, 1, 4)
        return self.proj(((q @ k.transpose(-1, -2) / math.sqrt(C // self.h)).softmax(-1) @ v).transpose(1, 2).reshape(B, N, C))


def run(file, dd, pd, nok, unit, ratio=0.75, N=2, S=32, p=4, D=16, DD=8):
    g = S // p
    L = g * g
    dg = g // dd

    def blk(d, h):
        b = Block(d, h, 2)
        if nok:
            b.attn = UnbiasedKeys(d, h)
        return b

    class PatchEmbed(nn.Module):
        def __init__(self):
            super().__init__()
            self.proj = nn.Conv2d(3, D, p, stride=p)

    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.patch_embed = PatchEmbed()
            self.cls_token = nn.Parameter(torch.zeros(1, 1, D))
            self.pos_embed = fixed(sincos2d(D, g, g, True))
            self.blocks = nn.ModuleList([blk(D, 4)])
            self.norm = nn.LayerNorm(D, eps=1e-06)
            self.decoder_embed = nn.Linear(D, DD)
            self.mask_token = nn.Parameter(torch.zeros(1, 1, DD))
            if dd > 1:
                self.decoder_downsample = nn.Conv2d(DD, DD, dd, stride=dd)
            if dd // pd > 1:
                self.decoder_upsample = nn.ConvTranspose2d(DD, DD, dd, stride=dd)
            self.decoder_pos_embed = fixed(sincos2d(DD, dg, dg, True))
            self.decoder_blocks = nn.ModuleList([blk(DD, 2)])
            self.decoder_norm = nn.LayerNorm(DD, eps=1e-06)
            self.decoder_pred = nn.Linear(DD, (p * pd) ** 2 * 3)
    m = Model()
    redraw(m)
    x = img(N, 3, S, S)
    ks, rs = ([], [])
    draws = []
    for n in range(N):
        mg = -(-g // unit)
        pm = np.random.RandomState(n).permutation(mg * mg)
        draws.append({'call': 'np.random.permutation', 'out': T(torch.tensor(pm))})
        o = []
        for q in pm:
            for rx in range(unit):
                for ry in range(unit):
                    yy, xx = (q // mg * unit + ry, q % mg * unit + rx)
                    if yy < g and xx < g:
                        o.append(yy * g + xx)
        o = torch.tensor(o)
        re = torch.empty(L, dtype=torch.long)
        re[o] = torch.arange(L)
        ks.append(o[:int(L * (1 - ratio))])
        rs.append(re)
    keep, re = (torch.stack(ks), torch.stack(rs))
    mask = torch.ones(N, L)
    mask.scatter_(1, keep, 0)
    h = take(m.patch_embed.proj(x).flatten(2).transpose(1, 2) + m.pos_embed[:, 1:], keep)
    h = torch.cat([(m.cls_token + m.pos_embed[:, :1]).expand(N, -1, -1), h], 1)
    for b in m.blocks:
        h = b(h)
    h = m.norm(h)
    d = m.decoder_embed(h)
    y = take(torch.cat([d[:, 1:], m.mask_token.expand(N, L + 1 - d.shape[1], -1)], 1), re)
    if dd > 1:
        y = m.decoder_downsample(y.transpose(1, 2).reshape(N, DD, g, g)).flatten(2).transpose(1, 2)
    y = torch.cat([d[:, :1], y], 1) + m.decoder_pos_embed
    for b in m.decoder_blocks:
        y = b(y)
    y = y[:, 1:]
    if dd // pd > 1:
        y = m.decoder_upsample(y.transpose(1, 2).reshape(N, DD, dg, dg)).flatten(2).transpose(1, 2)
    pred = m.decoder_pred(m.decoder_norm(y))
    l = ((pred - normpix(patchify(x, p * pd))) ** 2).mean(-1)
    mm = F.avg_pool2d(mask.view(N, 1, g, g), pd, pd).flatten(1) if pd > 1 else mask
    loss = (l * mm).sum() / mm.sum()
    cfg = {'img_size': S, 'patch_size': p, 'in_chans': 3, 'embed_dim': D, 'depth': 1, 'num_heads': 4, 'decoder_embed_dim': DD, 'decoder_depth': 1, 'decoder_num_heads': 2, 'mlp_ratio': 2, 'norm_pix_loss': True, 'mask_ratio': ratio, 'args': {'decoder_downsampling': dd, 'pred_downsampling': pd, 'no_k_bias_in_vit': nok}, 'mask_downsampling': unit}
    dump(file, 'long_seq_mae', cfg, {'imgs': x}, draws, m, {'ids_keep': keep, 'ids_restore': re, 'mask': mask, 'latent': h, 'pred': pred}, loss)


run('longseq1.json', 2, 1, False, 2)
run('longseq2.json', 2, 2, True, 3)
