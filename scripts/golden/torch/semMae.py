"""SemMAE: tokens shuffled, parts masked from even shares to whole ones. See peer.py."""

from peer import *


def run(file, L, G, lam, ratio=0.75, N=2, p=4, D=16, DD=8):
    g = int(L ** 0.5)
    rec = Rec()

    class PatchEmbed(nn.Module):
        def __init__(self):
            super().__init__()
            self.proj = nn.Conv2d(3, D, p, stride=p)

    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.patch_embed = PatchEmbed()
            self.cls_token = nn.Parameter(torch.zeros(1, 1, D))
            self.pos_embed = fixed(sincos2d(D, G, G, True))
            self.blocks = nn.ModuleList([Block(D, 4, 2)])
            self.norm = nn.LayerNorm(D, eps=1e-06)
            self.decoder_embed = nn.Linear(D, DD)
            self.mask_token = nn.Parameter(torch.zeros(1, 1, DD))
            self.decoder_pos_embed = fixed(sincos2d(DD, G, G, True))
            self.decoder_blocks = nn.ModuleList([Block(DD, 2, 2)])
            self.decoder_norm = nn.LayerNorm(DD, eps=1e-06)
            self.decoder_pred = nn.Linear(DD, p * p * 3)
    m = Model()
    redraw(m)
    part = torch.randint(0, 7, (N, L))
    oh = F.one_hot(part, 7).double()
    tot = oh.sum(1, keepdim=True).expand(-1, L, -1)
    idx = torch.stack([torch.randperm(G * G)[:L] for _ in range(N)])
    pa = img(N, L, p * p * 3)
    x = torch.cat([tot, oh, idx[..., None].double(), pa], -1)
    n1 = rec.rand(N, L)
    sh = n1.argsort(1)
    pa2 = take(pa, sh)
    oh2 = take(oh, sh)
    idx2 = torch.gather(idx, 1, sh)
    emb = pa2.view(N, L, p, p, 3).permute(0, 1, 4, 2, 3).reshape(N * L, 3, p, p)
    e = m.patch_embed.proj(emb).view(N, L, D) + m.pos_embed[0, 1:][idx2]
    k = int(L * (1 - ratio))
    a = torch.round(tot * ratio)
    po = rec.rand(N, 7).argsort(1)
    pr = po.argsort(1)
    st = torch.gather(tot, 2, po[:, None].expand(-1, L, -1)).long()
    mk = (L * ratio - st.cumsum(-1) + st).long().clamp(min=0)
    b = torch.minimum(mk, st)
    b = torch.gather(b, 2, pr[:, None].expand(-1, L, -1))
    num = torch.round(lam * a + (1 - lam) * b)
    j = ((oh2.cumsum(1) <= num) * oh2).sum(-1)
    s2 = j.argsort(1)
    re = s2.argsort(1)
    mask = torch.ones(N, L)
    mask[:, :k] = 0
    mask = torch.gather(mask, 1, re)
    h = torch.cat([(m.cls_token + m.pos_embed[:, :1]).expand(N, -1, -1), take(e, s2[:, :k])], 1)
    for bl in m.blocks:
        h = bl(h)
    h = m.norm(h)
    d = m.decoder_embed(h)
    d_ = take(torch.cat([d[:, 1:], m.mask_token.expand(N, L + 1 - d.shape[1], -1)], 1), re)
    d = torch.cat([d[:, :1], d_], 1) + torch.cat([m.decoder_pos_embed[:, :1].expand(N, -1, -1), m.decoder_pos_embed[0, 1:][idx2]], 1)
    for bl in m.decoder_blocks:
        d = bl(d)
    pred = m.decoder_pred(m.decoder_norm(d))[:, 1:]
    loss = (((pred - normpix(pa2)) ** 2).mean(-1) * mask).sum() / mask.sum()
    dump(file, 'semmae', {'img_size': g * p, 'patch_size': p, 'in_chans': 3, 'embed_dim': D, 'depth': 1, 'num_heads': 4, 'decoder_embed_dim': DD, 'decoder_depth': 1, 'decoder_num_heads': 2, 'mlp_ratio': 2, 'norm_pix_loss': True, 'mask_ratio': ratio, 'mask_lambda': lam}, {'x': x}, rec.draws, m, {'mask': mask, 'ids_restore': re, 'latent': h, 'pred': pred}, loss)


run('semmae1.json', 36, 8, 0.3)
