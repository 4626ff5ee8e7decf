"""FCMAE: sparse ConvNeXt V2 in the layout of MinkowskiEngine, and its layers alone. See peer.py."""

from peer import *
dims = [4, 6, 8, 12]
dep = [1, 1, 1, 1]
S = 64
N = 2
DD = 4


class Kernel(nn.Module):
    def __init__(self, i, o, k, dw=False):
        super().__init__()
        self.k = k
        self.dw = dw
        self.i = i
        self.kernel = nn.Parameter(torch.zeros(k * k, o) if dw else torch.zeros(k * k, i, o))
        self.bias = nn.Parameter(torch.zeros(1, o))

    def forward(self, x):
        k = self.k
        if self.dw:
            W = self.kernel.permute(1, 0).reshape(-1, 1, k, k).transpose(3, 2)
            return F.conv2d(x, W, self.bias[0], padding=k // 2, groups=self.i)
        W = self.kernel.permute(2, 1, 0).reshape(self.kernel.shape[2], self.i, k, k).transpose(3, 2)
        return F.conv2d(x, W, self.bias[0], stride=k)


class SparseLinear(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        self.linear = nn.Linear(i, o)

    def forward(self, x):
        return self.linear(x)


class SparseNorm(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.ln = nn.LayerNorm(d, eps=1e-06)

    def forward(self, x):
        return self.ln(x)


class GRN(nn.Module):
    def __init__(self, d, sp):
        super().__init__()
        sh = (1, d) if sp else (1, 1, 1, d)
        self.sp = sp
        self.gamma = nn.Parameter(torch.zeros(sh))
        self.beta = nn.Parameter(torch.zeros(sh))

    def forward(self, x, a=None):
        if self.sp:
            g = (x * a).pow(2).sum((0, 1, 2), keepdim=True).sqrt()
        else:
            g = x.norm(dim=(1, 2), keepdim=True)
        return self.gamma * (x * (g / (g.mean(-1, keepdim=True) + 1e-06))) + self.beta + x


class NormsBlock(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.dwconv = Kernel(d, d, 7, True)
        self.norm = SparseNorm(d)
        self.pwconv1 = SparseLinear(d, 4 * d)
        self.pwconv2 = SparseLinear(4 * d, d)
        self.grn = GRN(4 * d, True)

    def forward(self, x, a):
        al = a.permute(0, 2, 3, 1)
        y = (self.dwconv(x) * a).permute(0, 2, 3, 1)
        y = self.pwconv2(self.grn(F.gelu(self.pwconv1(self.norm(y))), al)).permute(0, 3, 1, 2)
        return (x + y) * a


class DenseBlock(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.dwconv = nn.Conv2d(d, d, 7, padding=3, groups=d)
        self.norm = nn.LayerNorm(d, eps=1e-06)
        self.pwconv1 = nn.Linear(d, 4 * d)
        self.pwconv2 = nn.Linear(4 * d, d)
        self.grn = GRN(4 * d, False)

    def forward(self, x):
        return x + self.pwconv2(self.grn(F.gelu(self.pwconv1(self.norm(self.dwconv(x).permute(0, 2, 3, 1)))))).permute(0, 3, 1, 2)


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.downsample_layers = nn.ModuleList()
        self.downsample_layers.append(nn.Sequential(nn.Conv2d(3, dims[0], 4, stride=4), nn.LayerNorm(dims[0], eps=1e-06)))
        for i in range(3):
            self.downsample_layers.append(nn.Sequential(SparseNorm(dims[i]), Kernel(dims[i], dims[i + 1], 2)))
        self.stages = nn.ModuleList((nn.Sequential(*[NormsBlock(dims[i]) for _ in range(dep[i])]) for i in range(4)))

    def forward(self, x, mask):
        g = int(mask.shape[1] ** 0.5)
        a0 = (1 - mask).view(-1, 1, g, g)
        cl = lambda f, y: f(y.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
        x = cl(self.downsample_layers[0][1], self.downsample_layers[0][0](x))
        for i in range(4):
            if i > 0:
                x = self.downsample_layers[i][1](cl(self.downsample_layers[i][0], x))
            k = x.shape[2] // g
            a = a0.repeat_interleave(k, 2).repeat_interleave(k, 3)
            x = x * a
            for b in self.stages[i]:
                x = b(x, a)
        return x


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = Encoder()
        self.proj = nn.Conv2d(dims[3], DD, 1)
        self.mask_token = nn.Parameter(torch.zeros(1, DD, 1, 1))
        self.decoder = nn.Sequential(DenseBlock(DD))
        self.pred = nn.Conv2d(DD, 32 * 32 * 3, 1)


m = Model()
redraw(m, 0.3)
rec = Rec()
x = img(N, 3, S, S)
L = (S // 32) ** 2
n = rec.randn(N, L)
_, mask, _ = randmask(rec, N, L, 0.6, n)
e = m.encoder(x, mask)
y = m.proj(e)
mm = mask.view(N, 1, S // 32, S // 32)
y = y * (1 - mm) + m.mask_token * mm
p = m.pred(m.decoder(y))
pl = p.flatten(2).transpose(1, 2)
loss = (((pl - normpix(patchify(x, 32))) ** 2).mean(-1) * mask).sum() / mask.sum()
dump('fcmae.json', 'fcmae', {'img_size': S, 'in_chans': 3, 'depths': dep, 'dims': dims, 'decoder_depth': 1, 'decoder_embed_dim': DD, 'patch_size': 32, 'mask_ratio': 0.6, 'norm_pix_loss': True}, {'imgs': x}, rec.draws, m, {'mask': mask, 'encoder': e, 'pred': p}, loss)


def case(mod, x, scal):
    redraw(mod)
    x.requires_grad_()
    o = mod(x)
    l = scal(o)
    gx = torch.autograd.grad(l, x, retain_graph=True)[0]
    return {'params': {n: T(q) for n, q in mod.named_parameters()}, 'x': T(x), 'out': T(o), 'loss': T(l), 'grads': grads(l, mod.named_parameters()), 'grad_x': T(gx)}


cs = [case(DenseBlock(6), img(2, 6, 9, 9), lambda o: (o ** 2).mean()), case(GRN(5, False), img(2, 4, 4, 5), lambda o: o.sum())]


class SparseRows(GRN):
    def forward(self, x):
        g = x.norm(p=2, dim=0, keepdim=True)
        return self.gamma * (x * (g / (g.mean(-1, keepdim=True) + 1e-06))) + self.beta + x


cs.append(case(SparseRows(5, True), img(7, 5), lambda o: (o ** 2).sum()))
write('fcmae_cases.json', {'schema': 'mim-parity/1', 'method': 'fcmae', 'kind': 'algorithm', 'config': {}, 'cases': cs})
