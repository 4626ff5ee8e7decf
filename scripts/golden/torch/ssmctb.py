"""SSMCTB: masked convolution in two and three dimensions, attention over channels. See peer.py."""

from peer import *


class Heads(nn.Module):
    def __init__(self, d, h, hd):
        super().__init__()
        self.h, self.hd = (h, hd)
        self.to_qkv = nn.Linear(d, 3 * h * hd, bias=False)
        self.to_out = nn.Sequential(nn.Linear(h * hd, d), nn.Identity())

    def forward(self, x):
        B, N, _ = x.shape
        q, k, v = [y.view(B, N, self.h, self.hd).transpose(1, 2) for y in self.to_qkv(x).chunk(3, -1)]
        return self.to_out(((q @ k.transpose(-1, -2) * self.hd ** (-0.5)).softmax(-1) @ v).transpose(1, 2).reshape(B, N, -1))


class ChannelGate(nn.Module):
    def __init__(self, C):
        super().__init__()
        self.projection = nn.Linear(1, 64)
        self.pos_embedding = nn.Parameter(torch.zeros(1, C, 64))
        self.mha = Heads(64, 5, 64)

    def forward(self, z):
        x = z.flatten(2).mean(-1, keepdim=True)
        g = torch.sigmoid(self.mha(self.projection(x) + self.pos_embedding).mean(-1))
        return z * g.view(*g.shape, *[1] * (z.ndim - 2))


class Ssmctb(nn.Module):
    def __init__(self, C, k, d, r):
        super().__init__()
        self.k, self.d, self.r = (k, d, r)
        Cv = nn.Conv2d if r == 2 else nn.Conv3d
        setattr(self, 'transformer' if r == 2 else 'transformer_sspcab', ChannelGate(C))
        for n in range(1, 5):
            setattr(self, f'conv{n}', Cv(C, C, k))
            if r == 3:
                setattr(self, f'conv{n}_{n}', Cv(C, C, k))

    def forward(self, x):
        P = self.k + self.d
        b = self.k + 2 * self.d + 1
        y = F.pad(x, [P] * 2 * self.r)
        near, far = (slice(None, -b), slice(b, None))
        fs = [(near, near), (far, near), (near, far), (far, far)]
        o = 0
        for n, f in enumerate(fs, 1):
            if self.r == 2:
                o = o + getattr(self, f'conv{n}')(y[(slice(None), slice(None)) + f])
            else:
                o = o + getattr(self, f'conv{n}')(y[(slice(None), slice(None)) + f + (far,)]) + getattr(self, f'conv{n}_{n}')(y[(slice(None), slice(None)) + f + (near,)])
        o = (self.transformer if self.r == 2 else self.transformer_sspcab)(F.relu(o))
        return (o, ((o - x) ** 2).mean())


cs = []
for C, k, d, r, sh in [(4, 3, 2, 2, (2, 4, 10, 10)), (3, 1, 1, 3, (2, 3, 4, 6, 6))]:
    m = Ssmctb(C, k, d, r)
    redraw(m, 0.2)
    x = img(*sh).requires_grad_()
    o, l = m(x)
    gx = torch.autograd.grad(l, x, retain_graph=True)[0]
    cs.append({'kernel_dim': k, 'dilation': d, 'x': T(x), 'params': {n: T(q) for n, q in m.named_parameters()}, 'out': T(o), 'loss': T(l), 'grads': grads(l, m.named_parameters()), 'grad_x': T(gx)})


write('ssmctb.json', {'schema': 'mim-parity/1', 'method': 'ssmctb', 'kind': 'model', 'config': {}, 'cases': cs})
