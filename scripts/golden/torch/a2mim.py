"""Losses of A2MIM's head: pixels and spectra, visible part replaced. See peer.py."""

from peer import *
N, C, S = (2, 3, 16)
x = img(N, C, S, S)
xr = img(N, C, S, S)
m = (torch.rand(N, 4, 4) < 0.6).double()


def reg(mode, p, t, alpha=0.2, gamma=1.0):
    d = (p - t).abs()
    if mode == 'l1_loss':
        return d
    if mode == 'focal_l1_loss':
        return d * (2 * torch.sigmoid(alpha * d) - 1) ** gamma
    if mode == 'focal_mse_loss':
        return (p - t) ** 2 * (2 * torch.sigmoid(alpha * d) - 1) ** gamma


def head(r, mode='l1_loss', uw=0, fw=0, rew=False, foc=False, rep=None, fuw=0):
    k = m.repeat_interleave(4, 1).repeat_interleave(4, 2)[:, None]
    ms = k + (1 - k) * uw
    l = (reg(mode, r, x) * ms).sum() / (ms.sum() + 1e-05) / 3
    if fw > 0:
        rep = rep or 'target'
        R = {'target': x, 'prediction': r.detach(), 'mean': x.mean((2, 3), keepdim=True).expand_as(x), 'mixed': 0.5 * r.detach() + 0.5 * x}[rep]
        q = r
        if fuw < 1:
            mf = k + (1 - k) * fuw
            q = r * mf + R * (1 - mf)
        if foc:
            a = torch.view_as_real(torch.fft.fft2(q, norm='ortho')).mean(0, keepdim=True)
            b = torch.view_as_real(torch.fft.fft2(x, norm='ortho')).mean(0, keepdim=True)
            t = ((a - b) ** 2).sum(-1)
            w = torch.log(t.sqrt() + 1)
            w = (w / w.max()).detach()
            f = (w * t).mean()
        else:
            a, b = (torch.fft.fftn(q, dim=(2, 3), norm='ortho'), torch.fft.fftn(x, dim=(2, 3), norm='ortho'))
            e = reg(mode, a, b)
            f = (e.detach() * e).mean() if rew else e.mean()
        l = l + fw * f
    return l


cs = []
for cfg in [dict(), dict(uw=0.2), dict(fw=0.5), dict(fw=0.5, rep='prediction'), dict(fw=0.3, rep='mean', fuw=0.1), dict(fw=0.3, rep='mixed', rew=True), dict(fw=0.3, foc=True), dict(mode='focal_l1_loss', fw=0.2)]:
    r = xr.clone().requires_grad_()
    l = head(r, **cfg)
    g, = torch.autograd.grad(l, r)
    names = dict(uw='unmask_weight', fw='fft_weight', rew='fft_reweight', foc='fft_focal', rep='fft_unmask_replace', fuw='fft_unmask_weight')
    c = {names[k]: v for k, v in cfg.items() if k != 'mode'}
    if 'mode' in cfg:
        c['loss'] = {'type': 'RegressionLoss', 'mode': cfg['mode'], 'loss_weight': 1.0}
    cs.append({'config': c, 'loss': T(l), 'grad_x_rec': T(g)})


write('a2mim.json', {'schema': 'mim-parity/1', 'method': 'a2mim', 'kind': 'objective', 'config': {}, 'inputs': {'x': T(x), 'x_rec': T(xr), 'mask': T(m)}, 'cases': cs})
