# Lengths of optimal leaf orders, by R's seriation (SciPy's are not always the least: its issue 11227). Usage: Rscript scripts/golden/leafOrder.R > test/golden/leafOrder.json
suppressPackageStartupMessages(library(seriation))
set.seed(2)
cases <- lapply(c(ward.D2 = 60, average = 30, single = 20), function(n) round(matrix(rnorm(n * 4), n), 6))
lines <- vapply(names(cases), function(method) {
  D <- dist(cases[[method]])
  tree <- hclust(D, method)
  optimal <- seriate(D, method = "OLO", control = list(hclust = tree))
  number <- function(x) paste(format(x, digits = 15, trim = TRUE), collapse = ", ")
  merges <- paste(apply(tree$merge, 1, function(row) paste0("[", paste(row, collapse = ", "), "]")), collapse = ", ")
  sprintf('{"method": "%s", "D": [%s], "merge": [%s], "height": [%s], "length": %s}',
    method, number(D), merges, number(tree$height), number(criterion(D, optimal, "Path_length")))
}, "")
cat(sprintf('{"peers": {"R": "%s.%s", "seriation": "%s"}, "script": "scripts/golden/leafOrder.R", "cases": [%s]}\n',
  R.version$major, R.version$minor, packageVersion("seriation"), paste(lines, collapse = ", ")))
