"""One module for each page. Each route names the right that it requires (`Exige`), and shows only what its visitor may
see."""
