"""MAE and SimMIM on a vision transformer with its layers named as in vit-pytorch, old and new. See peer.py."""

from peer import *


class Attention(nn.Module):
    def __init__(self, d, h, hd, inner):
        super().__init__()
        self.h = h
        if inner:
            self.norm = nn.LayerNorm(d)
        self.inner = inner
        self.to_qkv = nn.Linear(d, 3 * h * hd, bias=False)
        self.hd = hd
        if not (h == 1 and hd == d):
            self.to_out = nn.Sequential(nn.Linear(h * hd, d), nn.Identity())

    def forward(self, x):
        if self.inner:
            x = self.norm(x)
        B, N, _ = x.shape
        q, k, v = [y.view(B, N, self.h, self.hd).transpose(1, 2) for y in self.to_qkv(x).chunk(3, -1)]
        o = ((q @ k.transpose(-1, -2) * self.hd ** (-0.5)).softmax(-1) @ v).transpose(1, 2).reshape(B, N, -1)
        return self.to_out(o) if hasattr(self, 'to_out') else o


class PreNorm(nn.Module):
    def __init__(self, d, f):
        super().__init__()
        self.norm = nn.LayerNorm(d)
        self.fn = f

    def forward(self, x):
        return self.fn(self.norm(x))


class FeedForward(nn.Module):
    def __init__(self, d, h, inner):
        super().__init__()
        self.net = nn.Sequential(*([nn.LayerNorm(d)] if inner else []), nn.Linear(d, h), nn.GELU(), nn.Identity(), nn.Linear(h, d), nn.Identity())

    def forward(self, x):
        return self.net(x)


class Transformer(nn.Module):
    def __init__(self, d, dep, h, hd, mlp, new):
        super().__init__()
        self.new = new
        if new:
            self.norm = nn.LayerNorm(d)
        self.layers = nn.ModuleList((nn.ModuleList([Attention(d, h, hd, 1), FeedForward(d, mlp, 1)] if new else [PreNorm(d, Attention(d, h, hd, 0)), PreNorm(d, FeedForward(d, mlp, 0))]) for _ in range(dep)))

    def forward(self, x):
        for a, f in self.layers:
            x = a(x) + x
            x = f(x) + x
        return self.norm(x) if self.new else x


def run(file, kind, new, h=2, hd=4, S=16, p=4, D=8, DD=6, N=2, ratio=0.6):
    L = (S // p) ** 2
    P = p * p * 3

    class Vit(nn.Module):
        def __init__(self):
            super().__init__()
            self.cls_token = nn.Parameter(torch.zeros(1, 1, D))
            self.pos_embedding = nn.Parameter(torch.zeros(1, L + 1, D))
            self.to_patch_embedding = nn.Sequential(nn.Identity(), *([nn.LayerNorm(P), nn.Linear(P, D), nn.LayerNorm(D)] if new else [nn.Linear(P, D)]))
            self.transformer = Transformer(D, 2, h, hd, 12, new)
            self.mlp_head = nn.Linear(D, 5)

    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.encoder = Vit()
            self.mask_token = nn.Parameter(torch.zeros(DD if kind == 'mae' else D))
            if kind == 'mae':
                self.enc_to_dec = nn.Linear(D, DD)
                self.decoder = Transformer(DD, 1, h, hd, DD * 4, new)
                self.decoder_pos_emb = nn.Embedding(L + 1, DD)
            self.to_pixels = nn.Linear(DD if kind == 'mae' else D, P)
    m = Model()
    redraw(m)
    rec = Rec()
    x = img(N, 3, S, S)
    pt = patchify(x, p)
    pos = m.encoder.pos_embedding[:, 1:]
    t = m.encoder.to_patch_embedding(pt) + pos
    k = int(ratio * L)
    r = rec.rand(N, L)
    if kind == 'mae':
        idx = r.argsort(1)
        mi, ui = (idx[:, :k], idx[:, k:])
        e = m.encoder.transformer(take(t, ui))
        d = m.enc_to_dec(e) + m.decoder_pos_emb(ui)
        mt = m.mask_token + m.decoder_pos_emb(mi)
        dec = m.decoder(torch.cat([mt, d], 1))
        pred = m.to_pixels(dec[:, :k])
        loss = ((pred - take(pt, mi)) ** 2).mean()
    else:
        mi = r.topk(k, -1).indices
        bm = torch.zeros(N, L).scatter_(1, mi, 1).bool()
        e = m.encoder.transformer(torch.where(bm[..., None], m.mask_token + pos, t))
        pred = m.to_pixels(take(e, mi))
        loss = (pred - take(pt, mi)).abs().mean() / k
    enc = {'image_size': S, 'patch_size': p, 'num_classes': 5, 'dim': D, 'depth': 2, 'heads': h, 'mlp_dim': 12, 'dim_head': hd, 'dropout': 0.0}
    dump(file, 'vit_pytorch_' + kind, {'encoder': enc, 'masking_ratio': ratio, **({'decoder_dim': DD, 'decoder_depth': 1, 'decoder_heads': h, 'decoder_dim_head': hd} if kind == 'mae' else {})}, {'img': x}, rec.draws, m, {'masked_indices': mi, 'encoded_tokens': e, 'pred_pixel_values': pred}, loss)


run('vitp1.json', 'mae', 1)
run('vitp2.json', 'mae', 0, 1, 6)
run('vitp3.json', 'simmim', 1)
