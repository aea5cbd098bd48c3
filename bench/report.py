def show(console, measures, plan):
    from bench.measure import over_rounds
    for s, f in over_rounds(measures).items():
        console.print(s, {k: round(v.median,1) for k,v in f.items()})
