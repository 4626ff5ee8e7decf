"""MAE with another eps, RC-MAE, SupMAE, MAGE on given tokens, CAV-MAE. See peer.py."""

from peer import *
S = 16
p = 4
D = 16
DD = 8
N = 3
g = 4
L = 16


class PatchEmbed(nn.Module):
    def __init__(self, c=3, pp=p):
        super().__init__()
        self.proj = nn.Conv2d(c, D, pp, stride=pp)


class Mae(nn.Module):
    def __init__(self, eps=1e-06, dd=1):
        super().__init__()
        self.patch_embed = PatchEmbed()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, D))
        self.pos_embed = fixed(sincos2d(D, g, g, True))
        self.blocks = nn.ModuleList([Block(D, 4, 2, eps) for _ in range(2)])
        self.norm = nn.LayerNorm(D, eps=eps)
        self.decoder_embed = nn.Linear(D, DD)
        self.mask_token = nn.Parameter(torch.zeros(1, 1, DD))
        self.decoder_pos_embed = fixed(sincos2d(DD, g, g, True))
        self.decoder_blocks = nn.ModuleList([Block(DD, 2, 2, eps) for _ in range(dd)])
        self.decoder_norm = nn.LayerNorm(DD, eps=eps)
        self.decoder_pred = nn.Linear(DD, 48)

    def enc(self, x, keep):
        h = take(self.patch_embed.proj(x).flatten(2).transpose(1, 2) + self.pos_embed[:, 1:], keep)
        h = torch.cat([(self.cls_token + self.pos_embed[:, :1]).expand(N, -1, -1), h], 1)
        for b in self.blocks:
            h = b(h)
        return self.norm(h)

    def dec(self, h, re):
        d = self.decoder_embed(h)
        y = take(torch.cat([d[:, 1:], self.mask_token.expand(N, L + 1 - d.shape[1], -1)], 1), re)
        y = torch.cat([d[:, :1], y], 1) + self.decoder_pos_embed
        for b in self.decoder_blocks:
            y = b(y)
        return self.decoder_pred(self.decoder_norm(y))[:, 1:]

    def loss(self, x, pr, mask, normed):
        t = patchify(x, p)
        t = normpix(t) if normed else t
        return (((pr - t) ** 2).mean(-1) * mask).sum() / mask.sum()


base = {'img_size': S, 'patch_size': p, 'in_chans': 3, 'embed_dim': D, 'depth': 2, 'num_heads': 4, 'decoder_embed_dim': DD, 'decoder_depth': 1, 'decoder_num_heads': 2, 'mlp_ratio': 2}
m = Mae(1e-05, 2)
redraw(m)
rec = Rec()
x = img(N, 3, S, S)
keep, mask, re = randmask(rec, N, L, 0.6)
h = m.enc(x, keep)
pr = m.dec(h, re)
dump('mae2.json', 'mae', {**base, 'decoder_depth': 2, 'norm_pix_loss': False, 'mask_ratio': 0.6}, {'imgs': x}, rec.draws, m, {'mask': mask, 'ids_restore': re, 'latent': h, 'pred': pr, 'some_name': h}, m.loss(x, pr, mask, False))
m = Mae()
t = Mae()
redraw(m)
redraw(t)
rec = Rec()
keep, mask, re = randmask(rec, N, L, 0.75)
h = m.enc(x, keep)
pr = m.dec(h, re)
tp = t.dec(t.enc(x, keep), re).detach()
l = m.loss(x, pr, mask, True)
c = (((pr - tp) ** 2).mean(-1) * mask).sum() / mask.sum()
loss = l + 0.7 * c
dump('rc.json', 'rc_mae', {**base, 'norm_pix_loss': True, 'mask_ratio': 0.75, 'gamma': 0.7}, {'imgs': x}, rec.draws, m, {'mask': mask, 's_pred': pr, 't_pred': tp, 's_loss': l, 'rec_cons_loss': c}, loss, params_teacher={n: T(q) for n, q in t.named_parameters()})


class SupMae(Mae):
    def __init__(self):
        super().__init__()
        self.cls_head = nn.Sequential(nn.Linear(D, 12), nn.BatchNorm1d(12), nn.ReLU(), nn.Linear(12, 5))


m = SupMae()
redraw(m)
rec = Rec()
keep, mask, re = randmask(rec, N, L, 0.75)
h = m.enc(x, keep)
pr = m.dec(h, re)
f = h[:, 1:].mean(1)
lg = m.cls_head(f)
y = torch.tensor([1, 4, 0])
ce = F.cross_entropy(lg / 10, y) * 0.01
l = m.loss(x, pr, mask, True)
dump('sup.json', 'supmae', {**base, 'norm_pix_loss': True, 'mask_ratio': 0.75, 'cls_hidden_mlp': 12, 'nb_classes': 5, 'global_pool': True, 'mlp_depth': 2, 'cls_loss_ratio': 0.01, 'temperature': 10}, {'imgs': x, 'labels': y}, rec.draws, m, {'mask': mask, 'pred': pr, 'logits': lg, 'loss_rec': l, 'cls_loss': ce}, l + ce)
V = 20
voc = V + 1001


class Mage(nn.Module):
    def __init__(self):
        super().__init__()
        te = nn.Module()
        te.word_embeddings = nn.Embedding(voc, D)
        te.position_embeddings = nn.Embedding(257, D)
        te.LayerNorm = nn.LayerNorm(D, eps=1e-06)
        self.token_emb = te
        self.cls_token = nn.Parameter(torch.zeros(1, 1, D))
        self.pos_embed = fixed(sincos2d(D, g, g, True))
        self.patch_embed = PatchEmbed()
        self.mask_token = nn.Parameter(torch.zeros(1, 1, DD))
        self.decoder_pos_embed = fixed(sincos2d(DD, g, g, True))
        self.decoder_pred = nn.Linear(DD, 48)
        self.blocks = nn.ModuleList([Block(D, 4, 2) for _ in range(2)])
        self.norm = nn.LayerNorm(D, eps=1e-06)
        self.decoder_embed = nn.Linear(D, DD)
        self.decoder_pos_embed_learned = nn.Parameter(torch.zeros(1, L + 1, DD))
        self.decoder_blocks = nn.ModuleList([Block(DD, 2, 2)])
        self.decoder_norm = nn.LayerNorm(DD, eps=1e-06)
        ml = nn.Module()
        ml.fc = nn.Linear(DD, D)
        ml.ln = nn.LayerNorm(D)
        ml.bias = nn.Parameter(torch.zeros(1, 1, voc))
        self.mlm_layer = ml


m = Mage()
redraw(m)
rec = Rec()
ids = torch.randint(0, V, (N, L))
r = 0.71
rec.draws.append({'call': 'scipy.stats.truncnorm.rvs', 'out': r})
nz = rec.rand(N, L)
so = nz.sort(1)[0]
nd, nm = (math.ceil(L * 0.5), math.ceil(L * r))
dm = (nz <= so[:, nd - 1:nd]).double()
am = (nz <= so[:, nm - 1:nm]).double()
ti = torch.where(am.bool(), torch.tensor(voc - 1), ids)
ti = torch.cat([torch.full((N, 1), V + 76), ti], 1)
dm = torch.cat([torch.zeros(N, 1), dm], 1)
am = torch.cat([torch.zeros(N, 1), am], 1)
e = m.token_emb.LayerNorm(m.token_emb.word_embeddings(ti) + m.token_emb.position_embeddings.weight[:L + 1])
h = e[(1 - dm).bool()].view(N, -1, D)
for b in m.blocks:
    h = b(h)


h = m.norm(h)
d = m.decoder_embed(h)
pad = d[:, :1].expand(-1, L + 1, -1).clone()
full = pad.clone()
full[(1 - dm).bool()] = d.reshape(-1, DD)
y = torch.where(am[..., None].bool(), pad, full) + m.decoder_pos_embed_learned
for b in m.decoder_blocks:
    y = b(y)


y = m.decoder_norm(y)
lo = m.mlm_layer.ln(F.gelu(m.mlm_layer.fc(y))) @ m.token_emb.word_embeddings.weight.detach().t() + m.mlm_layer.bias
lp = lo[:, 1:].log_softmax(-1)
ls = -0.9 * lp.gather(-1, ids[..., None])[..., 0] - 0.1 * lp.mean(-1)
loss = (ls * am[:, 1:]).sum() / am[:, 1:].sum()
dump('mage.json', 'mage', {**base, 'n_embed': V, 'mask_ratio_min': 0.5, 'mask_ratio_max': 1.0, 'mask_ratio_mu': 0.55, 'mask_ratio_std': 0.25}, {'imgs': x, 'token_ids': ids}, rec.draws, m, {'latent': h, 'token_drop_mask': dm, 'token_all_mask': am, 'logits': lo}, loss)
P = 4
FR, TI = (8, 16)


class NormsBlock(nn.Module):
    def __init__(self, d, h):
        super().__init__()
        for n in ('norm1', 'norm1_a', 'norm1_v'):
            setattr(self, n, nn.LayerNorm(d))
        self.attn = Attn(d, h)
        for n in ('norm2', 'norm2_a', 'norm2_v'):
            setattr(self, n, nn.LayerNorm(d))
        self.mlp = MLP(d, d * 2)

    def forward(self, x, m=''):
        x = x + self.attn(getattr(self, 'norm1' + m)(x))
        return x + self.mlp(getattr(self, 'norm2' + m)(x))


La = FR // P * (TI // P)
Lv = 16


class CavMae(nn.Module):
    def __init__(self):
        super().__init__()
        self.patch_embed_a = PatchEmbed(1)
        self.patch_embed_v = PatchEmbed(3)
        Z = lambda d: nn.Parameter(torch.zeros(1, 1, d))
        self.modality_a = Z(D)
        self.modality_v = Z(D)
        self.pos_embed_a = fixed(sincos2d(D, FR // P, TI // P))
        self.pos_embed_v = fixed(sincos2d(D, 4, 4))
        self.blocks_a = nn.ModuleList([NormsBlock(D, 4)])
        self.blocks_v = nn.ModuleList([NormsBlock(D, 4)])
        self.blocks_u = nn.ModuleList([NormsBlock(D, 4), NormsBlock(D, 4)])
        self.norm_a, self.norm_v, self.norm = (nn.LayerNorm(D), nn.LayerNorm(D), nn.LayerNorm(D))
        self.decoder_embed = nn.Linear(D, DD)
        self.mask_token = Z(DD)
        self.decoder_modality_a = Z(DD)
        self.decoder_modality_v = Z(DD)
        self.decoder_pos_embed_a = fixed(sincos2d(DD, FR // P, TI // P))
        self.decoder_pos_embed_v = fixed(sincos2d(DD, 4, 4))
        self.decoder_blocks = nn.ModuleList([NormsBlock(DD, 2)])
        self.decoder_norm = nn.LayerNorm(DD)
        self.decoder_pred_a = nn.Linear(DD, 16)
        self.decoder_pred_v = nn.Linear(DD, 48)


m = CavMae()
redraw(m)
rec = Rec()
au = img(N, TI, FR)
a = m.patch_embed_a.proj(au[:, None].transpose(2, 3)).flatten(2).transpose(1, 2) + m.pos_embed_a + m.modality_a
v = m.patch_embed_v.proj(x).flatten(2).transpose(1, 2) + m.pos_embed_v + m.modality_v
ka, ma, ra = randmask(rec, N, La, 0.75)
kv, mv, rv = randmask(rec, N, Lv, 0.75)
a, v = (take(a, ka), take(v, kv))
for b in m.blocks_a:
    a = b(a)


for b in m.blocks_v:
    v = b(v)


z = torch.cat([a, v], 1)
for b in m.blocks_u:
    z = b(z)


z = m.norm(z)
for b in m.blocks_u:
    ca = b(a, '_a')


for b in m.blocks_u:
    cv = b(v, '_v')


ca, cv = (m.norm_a(ca), m.norm_v(cv))
d = m.decoder_embed(z)
na = a.shape[1]
A = take(torch.cat([d[:, :na], m.mask_token.expand(N, La - na, -1)], 1), ra)
Vv = take(torch.cat([d[:, na:], m.mask_token.expand(N, Lv - v.shape[1], -1)], 1), rv)
y = torch.cat([A + m.decoder_pos_embed_a + m.decoder_modality_a, Vv + m.decoder_pos_embed_v + m.decoder_modality_v], 1)
for b in m.decoder_blocks:
    y = b(y)


y = m.decoder_norm(y)
pa, pv = (m.decoder_pred_a(y[:, :La]), m.decoder_pred_v(y[:, La:]))
lo = lambda q, t, k: (((q - normpix(t)) ** 2).mean(-1) * k).sum() / k.sum()
l1 = lo(pa, patchify(au[:, None].transpose(2, 3), P), ma)
l2 = lo(pv, patchify(x, P), mv)
A2, V2 = (F.normalize(ca.mean(1), dim=-1), F.normalize(cv.mean(1), dim=-1))
tt = A2 @ V2.t() / 0.05
nce = -tt.log_softmax(0).diag().mean() * 0.01
acc = (tt.softmax(0).argmax(0) == torch.arange(N)).double().mean()
cfg = {k: v for k, v in base.items() if k != 'depth'}
dump('cav.json', 'cav_mae', {**cfg, 'audio_length': TI, 'modality_specific_depth': 1, 'unified_depth': 2, 'norm_pix_loss': True, 'mask_ratio_a': 0.75, 'mask_ratio_v': 0.75, 'mae_loss_weight': 1.0, 'contrast_loss_weight': 0.01, 'mask_mode': 'unstructured', 'tr_pos': False}, {'audio': au, 'imgs': x}, rec.draws, m, {'mask_a': ma, 'mask_v': mv, 'latent': z, 'latent_c_a': ca, 'latent_c_v': cv, 'pred_a': pa, 'pred_v': pv, 'loss_mae_a': l1, 'loss_mae_v': l2, 'loss_mae': l1 + l2, 'loss_c': nce, 'c_acc': acc}, l1 + l2 + nce)
