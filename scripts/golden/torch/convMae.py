"""ConvMAE: two stages of masked convolutions, then attention on visible tokens. See peer.py."""

from peer import *


class PatchEmbed(nn.Module):
    def __init__(self, i, o, p):
        super().__init__()
        self.proj = nn.Conv2d(i, o, p, stride=p)
        self.norm = nn.LayerNorm(o)

    def forward(self, x):
        return F.gelu(self.norm(self.proj(x).permute(0, 2, 3, 1)).permute(0, 3, 1, 2))


class ConvMlp(nn.Module):
    def __init__(self, d, h):
        super().__init__()
        self.fc1 = nn.Conv2d(d, h, 1)
        self.fc2 = nn.Conv2d(h, d, 1)

    def forward(self, x):
        return self.fc2(F.gelu(self.fc1(x)))


class ConvBlock(nn.Module):
    def __init__(self, d, r):
        super().__init__()
        self.norm1 = nn.LayerNorm(d)
        self.conv1 = nn.Conv2d(d, d, 1)
        self.conv2 = nn.Conv2d(d, d, 1)
        self.attn = nn.Conv2d(d, d, 5, padding=2, groups=d)
        self.norm2 = nn.LayerNorm(d)
        self.mlp = ConvMlp(d, int(d * r))

    def forward(self, x, m):
        n = lambda f, y: f(y.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
        x = x + self.conv2(self.attn(m * self.conv1(n(self.norm1, x))))
        return x + self.mlp(n(self.norm2, x))


dims = [4, 8, 12]
dep = [1, 2, 1]
R = [2, 3, 4]
DD = 12
N = 2
S = 64


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.patch_embed1 = PatchEmbed(3, dims[0], 4)
        self.patch_embed2 = PatchEmbed(dims[0], dims[1], 2)
        self.patch_embed3 = PatchEmbed(dims[1], dims[2], 2)
        self.patch_embed4 = nn.Linear(dims[2], dims[2])
        self.stage1_output_decode = nn.Conv2d(dims[0], dims[2], 4, stride=4)
        self.stage2_output_decode = nn.Conv2d(dims[1], dims[2], 2, stride=2)
        g = S // 16
        self.g = g
        self.pos_embed = fixed(sincos2d(dims[2], g, g))
        self.blocks1 = nn.ModuleList((ConvBlock(dims[0], R[0]) for _ in range(dep[0])))
        self.blocks2 = nn.ModuleList((ConvBlock(dims[1], R[1]) for _ in range(dep[1])))
        self.blocks3 = nn.ModuleList((Block(dims[2], 2, R[2]) for _ in range(dep[2])))
        self.norm = nn.LayerNorm(dims[2], eps=1e-06)
        self.decoder_embed = nn.Linear(dims[2], DD)
        self.mask_token = nn.Parameter(torch.zeros(1, 1, DD))
        self.decoder_pos_embed = fixed(sincos2d(DD, g, g))
        self.decoder_blocks = nn.ModuleList([Block(DD, 3, R[0])])
        self.decoder_norm = nn.LayerNorm(DD, eps=1e-06)
        self.decoder_pred = nn.Linear(DD, 768)

    def forward(self, x, rec, ratio, normed):
        g = self.g
        keep, mask, re = randmask(rec, N, g * g, ratio)
        up = lambda k: (1 - mask).view(N, 1, g, g).repeat_interleave(k, 2).repeat_interleave(k, 3)
        a = self.patch_embed1(x)
        for b in self.blocks1:
            a = b(a, up(4))
        e1 = self.stage1_output_decode(a).flatten(2).transpose(1, 2)
        c = self.patch_embed2(a)
        for b in self.blocks2:
            c = b(c, up(2))
        e2 = self.stage2_output_decode(c).flatten(2).transpose(1, 2)
        t = self.patch_embed4(self.patch_embed3(c).flatten(2).transpose(1, 2)) + self.pos_embed
        t = take(t, keep)
        for b in self.blocks3:
            t = b(t)
        z = self.norm(t + take(e1, keep) + take(e2, keep))
        d = self.decoder_embed(z)
        d = take(torch.cat([d, self.mask_token.expand(N, g * g - d.shape[1], -1)], 1), re) + self.decoder_pos_embed
        for b in self.decoder_blocks:
            d = b(d)
        p = self.decoder_pred(self.decoder_norm(d))
        t = patchify(x, 16)
        t = normpix(t) if normed else t
        loss = (((p - t) ** 2).mean(-1) * mask).sum() / mask.sum()
        return (loss, p, mask, z, re, a, c)


m = Model()
redraw(m, 0.2)
rec = Rec()
x = img(N, 3, S, S)
loss, p, mask, z, re, a, c = m(x, rec, 0.75, True)
dump('convmae.json', 'convmae', {'img_size': [S, S // 4, S // 8], 'patch_size': [4, 2, 2], 'embed_dim': dims, 'depth': dep, 'num_heads': 2, 'decoder_embed_dim': DD, 'decoder_depth': 1, 'decoder_num_heads': 3, 'mlp_ratio': R, 'norm_pix_loss': True, 'mask_ratio': 0.75, 'note': 'a grid of 4'}, {'imgs': x}, rec.draws, m, {'mask': mask, 'ids_restore': re, 'latent': z, 'pred': p, 'stage1': a, 'stage2': c}, loss)
