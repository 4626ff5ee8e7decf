"""MAE on clips: tables of space and time or one of both, with and without class token and biases. See peer.py."""

from peer import *


class Attention(nn.Module):
    def __init__(self, d, h, b):
        super().__init__()
        self.h = h
        self.q = nn.Linear(d, d, bias=b)
        self.k = nn.Linear(d, d, bias=b)
        self.v = nn.Linear(d, d, bias=b)
        self.proj = nn.Linear(d, d)

    def forward(self, x):
        B, N, C = x.shape
        sp = lambda l: l(x).view(B, N, self.h, C // self.h).transpose(1, 2)
        a = (sp(self.q) @ sp(self.k).transpose(-1, -2) / math.sqrt(C // self.h)).softmax(-1)
        return self.proj((a @ sp(self.v)).transpose(1, 2).reshape(B, N, C))


class AttentionBlock(nn.Module):
    def __init__(self, d, h, r, b):
        super().__init__()
        self.norm1 = nn.LayerNorm(d, eps=1e-06)
        self.attn = Attention(d, h, b)
        self.norm2 = nn.LayerNorm(d, eps=1e-06)
        self.mlp = MLP(d, int(d * r))

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class CubeEmbed(nn.Module):
    def __init__(self, D, t, p):
        super().__init__()
        self.proj = nn.Conv3d(3, D, (t, p, p), stride=(t, p, p))


def run(file, sep, cls, bias, normed, T_=8, tp=2, pt=4, S=16, p=8, D=12, DD=8, N=2, ratio=0.6):
    t, g = (T_ // tp, S // p)
    L = t * g * g
    u = tp * pt // T_

    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.patch_embed = CubeEmbed(D, tp, p)
            Z = lambda *a: nn.Parameter(torch.zeros(*a))
            if cls:
                self.cls_token = Z(1, 1, D)
                self.decoder_cls_token = Z(1, 1, DD)
            if sep:
                self.pos_embed_spatial = Z(1, g * g, D)
                self.pos_embed_temporal = Z(1, t, D)
                self.decoder_pos_embed_spatial = Z(1, g * g, DD)
                self.decoder_pos_embed_temporal = Z(1, t, DD)
                if cls:
                    self.pos_embed_class = Z(1, 1, D)
                    self.decoder_pos_embed_class = Z(1, 1, DD)
            else:
                self.pos_embed = Z(1, L + cls, D)
                self.decoder_pos_embed = Z(1, L + cls, DD)
            self.blocks = nn.ModuleList((AttentionBlock(D, 3, 2, bias) for _ in range(2)))
            self.norm = nn.LayerNorm(D, eps=1e-06)
            self.decoder_embed = nn.Linear(D, DD)
            self.mask_token = Z(1, 1, DD)
            self.decoder_blocks = nn.ModuleList([AttentionBlock(DD, 2, 2, bias)])
            self.decoder_norm = nn.LayerNorm(DD, eps=1e-06)
            self.decoder_pred = nn.Linear(DD, u * p * p * 3)

        def pos(self, pre):
            if sep:
                sp, te = (getattr(self, pre + 'pos_embed_spatial'), getattr(self, pre + 'pos_embed_temporal'))
                e = (te[:, :, None] + sp[:, None]).flatten(1, 2)
                return (e, getattr(self, pre + 'pos_embed_class') if cls else None)
            e = getattr(self, pre + 'pos_embed')
            return (e[:, 1:], e[:, :1]) if cls else (e, None)
    m = Model()
    redraw(m)
    rec = Rec()
    x = img(N, 3, T_, S, S)
    keep, mask, re = randmask(rec, N, L, ratio)
    e = m.patch_embed.proj(x).flatten(2).transpose(1, 2)
    po, pc = m.pos('')
    h = take(e + po, keep)
    if cls:
        h = torch.cat([(m.cls_token + pc).expand(N, -1, -1), h], 1)
    for b in m.blocks:
        h = b(h)
    h = m.norm(h)
    h = h[:, 1:] if cls else h
    d = m.decoder_embed(h)
    d = take(torch.cat([d, m.mask_token.expand(N, L - d.shape[1], -1)], 1), re)
    po, pc = m.pos('decoder_')
    d = d + po
    if cls:
        d = torch.cat([(m.decoder_cls_token + pc).expand(N, -1, -1), d], 1)
    for b in m.decoder_blocks:
        d = b(d)
    pr = m.decoder_pred(m.decoder_norm(d))
    pr = pr[:, 1:] if cls else pr
    y = x[:, :, torch.linspace(0, T_ - 1, pt).long()]
    tt = pt // u
    y = y.view(N, 3, tt, u, g, p, g, p).permute(0, 2, 4, 6, 3, 5, 7, 1).reshape(N, tt * g * g, -1)
    y = normpix(y) if normed else y
    loss = (((pr - y) ** 2).mean(-1) * mask).sum() / mask.sum()
    dump(file, 'mae_st', {'img_size': S, 'patch_size': p, 'in_chans': 3, 'embed_dim': D, 'depth': 2, 'num_heads': 3, 'decoder_embed_dim': DD, 'decoder_depth': 1, 'decoder_num_heads': 2, 'mlp_ratio': 2, 'norm_pix_loss': normed, 'num_frames': T_, 't_patch_size': tp, 'no_qkv_bias': not bias, 'sep_pos_embed': sep, 'trunc_init': False, 'cls_embed': cls, 'pred_t_dim': pt, 'mask_ratio': ratio}, {'imgs': x}, rec.draws, m, {'mask': mask, 'ids_restore': re, 'latent': h, 'pred': pr}, loss)


run('maest1.json', True, True, True, True)
run('maest2.json', False, False, False, False)
run('maest3.json', False, True, True, True, T_=16, tp=4, pt=8)
