"""MultiMAE: three modalities, one budget of tokens, cross-attention decoders. See peer.py."""

from peer import *
import itertools


def sc(D, h, w):
    gw, gh = torch.meshgrid(torch.arange(w, dtype=torch.float64), torch.arange(h, dtype=torch.float64), indexing='ij')
    om = 1 / 10000 ** (torch.arange(D // 4) / (D // 4))
    a = gw.flatten()[:, None] * om
    b = gh.flatten()[:, None] * om
    return torch.cat([a.sin(), a.cos(), b.sin(), b.cos()], 1)[None].view(1, h, w, D).permute(0, 3, 1, 2).mul(10000000.0).round() / 10000000.0


S = 24
p = 4
g = S // p
D = 8
DD = 8
N = 3
K = 30
V = 5


class ImageAdapter(nn.Module):
    def __init__(self, C, k):
        super().__init__()
        self.pos_emb = fixed(sc(D, g, g))
        self.proj = nn.Conv2d(C, D, k, stride=k)

    def forward(self, x):
        return (self.proj(x) + self.pos_emb).flatten(2).transpose(1, 2)


class SegmentationAdapter(nn.Module):
    def __init__(self, k):
        super().__init__()
        self.pos_emb = fixed(sc(D, g, g))
        self.class_emb = nn.Embedding(V, 6)
        self.proj = nn.Conv2d(6, D, k, stride=k)

    def forward(self, x):
        return (self.proj(self.class_emb(x).permute(0, 3, 1, 2)) + self.pos_emb).flatten(2).transpose(1, 2)


class CrossAttention(nn.Module):
    def __init__(self, d, h):
        super().__init__()
        self.h = h
        self.q = nn.Linear(d, d)
        self.kv = nn.Linear(d, 2 * d)
        self.proj = nn.Linear(d, d)

    def forward(self, x, c):
        B, L, C = x.shape
        q = self.q(x).view(B, L, self.h, -1).transpose(1, 2)
        k, v = self.kv(c).view(B, c.shape[1], 2, self.h, -1).permute(2, 0, 3, 1, 4)
        return self.proj(((q @ k.transpose(-1, -2) / math.sqrt(C // self.h)).softmax(-1) @ v).transpose(1, 2).reshape(B, L, C))


class OutputAdapter(nn.Module):
    def __init__(self, C, k, task, ctx, tq, xa):
        super().__init__()
        self.C, self.k, self.task, self.tq, self.xa = (C, k, task, tq, xa)
        self.task_embeddings = nn.ParameterDict({t: nn.Parameter(torch.zeros(1, 1, DD)) for t in ctx})
        self.mask_token = nn.Parameter(torch.zeros(1, 1, DD))
        self.pos_emb = fixed(sc(DD, g, g))
        if xa:
            self.decoder = CrossAttention(DD, 2)
            self.context_norm = nn.LayerNorm(DD, eps=1e-06)
            self.query_norm = nn.LayerNorm(DD, eps=1e-06)
            self.out_norm = nn.LayerNorm(DD, eps=1e-06)
            self.mlp = MLP(DD, DD * 2)
        self.decoder_transformer = nn.Sequential(Block(DD, 2, 2))
        self.out_proj = nn.Linear(DD, C * k * k)
        self.proj_context = nn.Linear(D, DD)

    def forward(self, e, seen, keep, re):
        c = self.proj_context(e)
        B = c.shape[0]
        n = len(seen) * g * g
        a, gl = (c[:, :keep.shape[1]], c[:, keep.shape[1]:])
        pos = self.pos_emb.flatten(2).transpose(1, 2)
        z = take(torch.cat([a, self.mask_token.expand(B, n - a.shape[1], -1)], 1), re) + torch.cat([self.task_embeddings[t] + pos for t in seen], 1)
        if self.tq and self.task in seen:
            i = seen.index(self.task)
            q = z[:, i * g * g:(i + 1) * g * g]
        else:
            q = self.mask_token + pos
            q = q + self.task_embeddings[self.task] if self.task in self.task_embeddings else q
            q = q.expand(B, -1, -1)
        c = torch.cat([take(z, keep), gl], 1)
        x = q
        if self.xa:
            x = self.decoder(self.query_norm(q), self.context_norm(c))
            x = x + self.mlp(self.out_norm(x))
        x = self.out_proj(self.decoder_transformer(x))
        return x.view(B, g, g, self.C, self.k, self.k).permute(0, 3, 1, 4, 2, 5).reshape(B, self.C, g * self.k, g * self.k)


class Model(nn.Module):
    def __init__(self, tq, xa):
        super().__init__()
        self.input_adapters = nn.ModuleDict({'rgb': ImageAdapter(3, 4), 'depth': ImageAdapter(1, 4), 'semseg': SegmentationAdapter(2)})
        ctx = ['rgb', 'depth', 'semseg']
        self.output_adapters = nn.ModuleDict({'rgb': OutputAdapter(3, 4, 'rgb', ctx, tq, xa), 'depth': OutputAdapter(1, 4, 'depth', ctx, tq, xa), 'semseg': OutputAdapter(V, 2, 'semseg', ctx, tq, xa)})
        self.global_tokens = nn.Parameter(torch.zeros(1, 1, D))
        self.encoder = nn.Sequential(Block(D, 2, 2), Block(D, 2, 2))


def run(file, tq, xa, uni):
    m = Model(tq, xa)
    redraw(m)
    seen = ['rgb', 'depth', 'semseg']
    x = {'rgb': img(N, 3, S, S), 'depth': img(N, 1, S, S), 'semseg': torch.randint(0, V, (N, S // 2, S // 2))}
    draws = []
    if uni:
        vc = torch.Tensor([list(i) for i in itertools.product([0, 1], repeat=3)][1:])
        r = torch.tensor([0, 4, 6])
        draws.append({'call': 'torch.randint', 'low': 0, 'high': 7, 'out': T(r)})
        al = vc[r] + 1e-05
        d = torch.distributions.Dirichlet(al.double()).sample()
    else:
        d = torch.distributions.Dirichlet(torch.ones(3)).sample((N,))
    d = d.mul(1000000.0).round() / 1000000.0
    draws.append({'call': 'Dirichlet.sample', 'out': T(d)})
    spt = (d * K).round().long()
    tm = []
    for i in range(3):
        n = torch.rand(N, g * g).mul(1000000.0).round() / 1000000.0
        draws.append({'call': 'torch.rand', 'out': T(n)})
        s = n.argsort(1)
        tm.append(torch.where(s < spt[:, i:i + 1], 0, 1))
    ma = torch.cat(tm, 1)
    sh = ma.argsort(1)
    re = sh.argsort(1)
    keep = sh[:, :K]
    ma = torch.ones_like(ma)
    ma[:, :K] = 0
    ma = torch.gather(ma, 1, re)
    tms = dict(zip(seen, ma.split(g * g, 1)))
    t = torch.cat([m.input_adapters[k](x[k]) for k in seen], 1)
    e = torch.cat([take(t, keep), m.global_tokens.expand(N, -1, -1)], 1)
    e = m.encoder(e)
    pr = {k: m.output_adapters[k](e, seen, keep, re) for k in seen}
    ls = {}
    for k in seen:
        l = {'rgb': lambda: ((pr[k] - x[k]) ** 2).mean(1), 'depth': lambda: (pr[k] - x[k]).abs().mean(1), 'semseg': lambda: F.cross_entropy(pr[k], x[k], reduction='none')}[k]()
        kk = l.shape[1] // g
        mk = tms[k].view(N, g, g).repeat_interleave(kk, 1).repeat_interleave(kk, 2).double()
        q = (l * mk).flatten(1).sum(1) / mk.flatten(1).sum(1)
        ls[k] = q.nanmean()
    loss = sum(ls.values())
    dump(file, 'multimae', {'image_size': S, 'patch_size': p, 'num_heads': 2, 'num_encoded_tokens': K, 'alphas': 1.0, 'sample_tasks_uniformly': uni, 'decoder_num_heads': 2, 'decoder_use_task_queries': tq, 'decoder_use_xattn': xa}, x, draws, m, {'task_masks': {k: T(v) for k, v in tms.items()}, 'ids_keep': keep, 'ids_restore': re, 'encoder_tokens': e, 'preds': {k: T(v) for k, v in pr.items()}, 'losses': {k: T(v) for k, v in ls.items()}}, loss)


run('multimae1.json', True, True, False)
run('multimae2.json', False, True, True)
