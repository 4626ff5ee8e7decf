# Golden figures of trees, by R's pvclust, dendextend and cluster. Usage: Rscript scripts/golden/trees.R > test/golden/trees.json
suppressPackageStartupMessages({
  library(pvclust)
  library(dendextend)
  library(cluster)
})
set.seed(11)

# JSON of lists, strings and numbers; a matrix is an array of its rows.
json <- function(x) {
  if (is.list(x) && !is.null(names(x))) return(paste0("{", paste0('"', names(x), '": ', vapply(x, json, ""), collapse = ", "), "}"))
  if (is.list(x)) return(paste0("[", paste(vapply(x, json, ""), collapse = ", "), "]"))
  if (is.matrix(x)) return(json(lapply(seq_len(nrow(x)), function(i) as.numeric(x[i, ]))))
  values <- if (is.character(x)) paste0('"', x, '"') else format(x, digits = 17, trim = TRUE)
  if (length(x) == 1) values else paste0("[", paste(values, collapse = ", "), "]")
}

# 14 objects in three loose groups, 40 features: support strong at some nodes and weak at others.
objects <- 14
features <- 40
centers <- matrix(rnorm(3 * features, sd = 0.7), 3)
X <- round(centers[rep(1:3, c(5, 5, 4)), ] + matrix(rnorm(objects * features), objects), 6)
tree <- hclust(dist(X), "ward.D2")
scales <- seq(0.5, 1.4, by = 0.1)
boot <- suppressWarnings(pvclust(t(X), method.dist = "euclidean", method.hclust = "ward.D2", nboot = 20000, r = scales, iseed = 5, quiet = TRUE))
unit <- function(x) dist(t(x) / sqrt(colSums(x^2)))
unitBoot <- suppressWarnings(pvclust(t(X), method.dist = unit, method.hclust = "ward.D2", nboot = 4000, r = scales, iseed = 6, quiet = TRUE))
members <- pvclust:::hc2split(tree)$member

# The fit alone, on counts of one run.
fits <- lapply(seq_len(nrow(boot$count)), function(node) {
  bp <- as.numeric(boot$count[node, ]) / boot$nboot
  fit <- pvclust:::msfit(bp, boot$r, boot$nboot)
  list(bp = bp, au = fit$p[["au"]], bpFit = fit$p[["bp"]], auError = fit$se[["au"]], bpError = fit$se[["bp"]])
})

other <- hclust(dist(X[, 1:8]), "average")
gap <- clusGap(X, function(x, k) list(cluster = cutree(hclust(dist(x), "ward.D2"), k)), K.max = 8, B = 2000, d.power = 2, spaceH0 = "original", verbose = FALSE)

cat(json(list(
  peers = list(R = paste(R.version$major, R.version$minor, sep = "."), pvclust = as.character(packageVersion("pvclust")),
    dendextend = as.character(packageVersion("dendextend")), cluster = as.character(packageVersion("cluster"))),
  script = "scripts/golden/trees.R",
  X = X,
  pvclust = list(
    nboot = 20000, r = boot$r, members = lapply(unname(members), function(m) m - 1), fits = fits,
    au = boot$edges$au, bp = boot$edges$bp, auError = boot$edges$se.au, bpError = boot$edges$se.bp
  ),
  unitRows = list(members = lapply(unname(pvclust:::hc2split(unitBoot$hclust)$member), function(m) m - 1),
    au = unitBoot$edges$au, bp = unitBoot$edges$bp, auError = unitBoot$edges$se.au, bpError = unitBoot$edges$se.bp),
  baker = list(
    a = as.numeric(cophenetic(tree)), b = as.numeric(cophenetic(other)),
    gamma = cor_bakers_gamma(as.dendrogram(tree), as.dendrogram(other))
  ),
  gap = list(B = 2000, logW = gap$Tab[, "logW"], expectedLogW = gap$Tab[, "E.logW"], gap = gap$Tab[, "gap"], error = gap$Tab[, "SE.sim"]),
  normal = list(x = c(-9, -6.2, -3.1, -3, -2.9, -1, 0, 0.4, 2, 3.5), cumulative = pnorm(c(-9, -6.2, -3.1, -3, -2.9, -1, 0, 0.4, 2, 3.5)),
    p = c(1e-12, 1e-4, 0.03, 0.2, 0.5, 0.77, 0.999), quantile = qnorm(c(1e-12, 1e-4, 0.03, 0.2, 0.5, 0.77, 0.999)))
)))
cat("\n")
