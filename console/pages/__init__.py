"""One module a page. Each route says which right it takes (`Exige`), and shows what its visitor may see."""
