#!/usr/bin/env python3
"""Draws the figures that the benchmark printed as JSON.

    pip install -r benches/peers/requirements.txt
    python3 benches/peers/plot.py docs/performance-data

Reads `peers.jsonl` and `scale.jsonl` in the folder, writes `peers.svg` and
`scale.svg` beside them. The same figures give the same bytes.
"""

import json
import sys
from pathlib import Path

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams.update(
    {
        "svg.hashsalt": "routescope",
        "svg.fonttype": "none",
        "font.family": "sans-serif",
        "font.sans-serif": ["DejaVu Sans", "Arial", "sans-serif"],
        "font.size": 9,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.titlelocation": "left",
        "axes.titlesize": 10,
        "axes.titleweight": "bold",
    }
)

import matplotlib.pyplot as plt  # noqa: E402
from matplotlib.patches import Patch  # noqa: E402
from matplotlib.ticker import FuncFormatter, NullFormatter  # noqa: E402

# Okabe and Ito's colours, which those who see few colours can tell apart.
OURS, PATH, WHOLE, BOUND, WRONG = "#0072B2", "#E69F00", "#CC79A7", "#999999", "#FFFFFF"

# In each panel: the workload, its title, and whether every engine is in it, on a
# logarithmic axis, or only the routers.
PANELS = [
    ("pbx-shuffled", "PBX, 8,192 random requests: every engine", True),
    ("pbx-shuffled", "PBX, 8,192 random requests", False),
    ("pbx-hot", "PBX, one request for each route in turn", False),
    ("pbx-literal", "PBX, routes without parameters", False),
    ("pbx-parameter", "PBX, routes with parameters", False),
    ("pbx-unknown", "PBX, unknown routes", False),
    ("pbx-refused", "PBX, paths that break a rule", False),
    ("pbx-latency", "PBX, each waits for the answer before", False),
    ("pbx-cold", "PBX, caches swept before each request", False),
    ("pbx-skewed", "PBX, some routes popular (Zipf)", False),
    ("pbx-escaped", "PBX, values with %20 or @", False),
    ("pbx-million", "PBX, a million distinct requests", False),
    ("pbx-query", "PBX, with a query", False),
    ("pbx-attacks", "PBX, known attacks", False),
    ("google-shuffled", "Google's 5,203 routes, random requests", False),
    ("google-unknown", "Google's 5,203 routes, unknown routes", False),
    ("deep-found", "Eight levels, literal or parameter", False),
]
ROUTERS = [
    "hash-map", "routescope", "matchit-scopes", "matchit", "wayfind", "xitca-router", "path-tree", "regex-set",
]


def read(file):
    """One figure a line."""
    return [json.loads(line) for line in file.read_text().splitlines() if line.strip()]


def duration(ns):
    for unit, factor in (("ns", 1), ("µs", 1e3), ("ms", 1e6)):
        if ns < 1000 * factor or unit == "ms":
            value = ns / factor
            return f"{value:.1f} {unit}" if value < 10 and value % 1 else f"{value:,.0f} {unit}"


def short(number):
    return f"{number:.1f}" if number < 10 else f"{number:,.0f}"


def colour(row):
    if row["engine"].startswith("routescope"):
        return OURS
    if row["answers"] == "bound":
        return BOUND
    if not row["agrees"]:
        return WRONG
    return PATH if row["answers"] == "path" else WHOLE


def bars(axes, rows, title, logarithmic):
    rows = sorted(rows, key=lambda row: -row["median_ns"])
    widths = [row["median_ns"] for row in rows]
    longest = max(widths)
    ours = [row["median_ns"] for row in rows if row["engine"] == "routescope"]
    # On a linear scale, the bar of a very slow engine would make all others too short to see.
    if logarithmic or longest > 12 * min(ours):
        axes.set_xscale("log")
        axes.set_xlim(1, longest ** 1.3)
        axes.xaxis.set_minor_formatter(NullFormatter())
    else:
        axes.set_xlim(0, longest * 1.45)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda ns, _: duration(ns) if ns else "0"))
    drawn = axes.barh([row["engine"] for row in rows], widths, color=[colour(r) for r in rows], height=0.72)
    for bar, row in zip(drawn, rows):
        wrong = not row["agrees"] and row["answers"] != "bound"
        if wrong:
            bar.set(hatch="////", edgecolor="#666666", linewidth=0.6)
        text = duration(row["median_ns"])
        if wrong:
            text += f", {short(100 * row['wrong_share'])} % wrong"
        elif row["answers"] != "bound" and row["engine"] != "routescope":
            text += f" ({short(row['ratio_to_routescope'])}x)"
        end = (bar.get_width(), bar.get_y() + bar.get_height() / 2)
        axes.annotate(text, end, xytext=(4, 0), textcoords="offset points", va="center", fontsize=8)
    axes.set_title(title)
    axes.tick_params(axis="y", length=0)
    axes.tick_params(axis="x", labelsize=8)
    for label in axes.get_yticklabels():
        if label.get_text() == "routescope":
            label.set_fontweight("bold")


def peers(figures, file):
    present = {row["workload"] for row in figures}
    panels = [panel for panel in PANELS if panel[0] in present]
    whole = [panel for panel in panels if panel[2]]
    routers = [panel for panel in panels if not panel[2]]
    rows = len(whole) + (len(routers) + 1) // 2
    heights = [2.1] * len(whole) + [1] * (rows - len(whole))
    figure = plt.figure(figsize=(11, 1.9 * sum(heights) + 0.9), layout="constrained")
    grid = figure.add_gridspec(rows, 2, height_ratios=heights)
    for number, (workload, title, _) in enumerate(whole):
        chosen = [r for r in figures if r["workload"] == workload and r["engine"] not in ("baseline", "routescope-scopes")]
        bars(figure.add_subplot(grid[number, :]), chosen, title, True)
    for number, (workload, title, _) in enumerate(routers):
        chosen = [r for r in figures if r["workload"] == workload and r["engine"] in ROUTERS]
        place = grid[len(whole) + number // 2, number % 2]
        bars(figure.add_subplot(place), chosen, title, False)
    figure.legend(
        handles=[
            Patch(color=OURS, label="routescope: path, method, rules, scopes"),
            Patch(color=PATH, label="matches the path only"),
            Patch(color=WHOLE, label="the whole decision"),
            Patch(facecolor=WRONG, edgecolor="#666666", hatch="////", label="answers some requests wrong"),
            Patch(color=BOUND, label="bound: knows every path by heart"),
        ],
        loc="outside lower center",
        ncols=3,
        frameon=False,
    )
    figure.suptitle("Median time per lookup, and the ratio to routescope", x=0.01, ha="left", fontweight="bold")
    save(figure, file)


def lines(axes, title, unit, series, logarithmic=True):
    axes.set_xscale("log")
    if logarithmic:
        axes.set_yscale("log")
    for (label, style, points) in series:
        routes = [x for x, _ in points]
        axes.plot(routes, [y for _, y in points], label=label, **style)
    routes = sorted({x for _, _, points in series[:1] for x, _ in points})
    axes.set_xticks(routes, [f"{x:,}" for x in routes])
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.tick_params(axis="x", which="minor", length=0)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:,g}"))
    axes.yaxis.set_minor_formatter(NullFormatter())
    if not logarithmic:
        axes.set_ylim(bottom=0)
    axes.grid(axis="y", color="#dddddd", linewidth=0.6)
    axes.set_title(f"{title} ({unit})")
    axes.set_xlabel("routes")
    if len(series) > 1:
        axes.legend(frameon=False, fontsize=8)


def scale(figures, file):
    figures = sorted(figures, key=lambda row: row["routes"])
    # The first is the PBX table, of another kind.
    pbx, *figures = figures

    def points(key):
        return [(row["routes"], row[key]) for row in figures]

    ours = {"color": OURS, "marker": "o", "linewidth": 2}
    other = {"color": PATH, "marker": "s", "linewidth": 1.5, "linestyle": "--"}
    figure, axes = plt.subplots(2, 2, figsize=(11, 7.4), layout="constrained")
    lines(
        axes[0][0], "A lookup", "ns, median",
        [("routescope", ours, points("lookup_median_ns")), ("matchit, path only", other, points("matchit_median_ns")),
         ("routescope, PBX table", {"color": OURS, "marker": "*", "linestyle": "none", "markersize": 9}, [(pbx["routes"], pbx["lookup_median_ns"])])],
        logarithmic=False,
    )
    lines(axes[0][1], "Tables", "bytes a route", [("routescope", ours, points("table_bytes_per_route"))], logarithmic=False)
    lines(
        axes[1][0], "A build", "seconds",
        [("rustc", {**ours}, points("rustc_s")), ("build script", {**other}, points("build_script_s")),
         ("the compile alone", {"color": "#009E73", "marker": "^", "linestyle": ":", "linewidth": 1.5}, points("compile_s"))],
    )
    lines(
        axes[1][1], "Peak memory of a build", "MiB",
        [("rustc", ours, points("rustc_peak_mib")), ("build script", other, points("build_script_peak_mib"))],
    )
    figure.suptitle("From 120 routes to 100,000", x=0.01, ha="left", fontweight="bold")
    save(figure, file)


def save(figure, file):
    # No date and no version: a figure changes when its numbers do.
    figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    plt.close(figure)
    # Matplotlib ends some lines with a space.
    text = "\n".join(line.rstrip() for line in file.read_text().splitlines())
    file.write_text(text + "\n")


def main():
    if len(sys.argv) != 2:
        sys.exit(f"usage: {sys.argv[0]} FOLDER")
    folder = Path(sys.argv[1])
    for name, draw in (("peers", peers), ("scale", scale)):
        figures = folder / f"{name}.jsonl"
        if not figures.exists():
            sys.exit(f"there is no {figures}; see benches/peers/README.md")
        draw(read(figures), folder / f"{name}.svg")


if __name__ == "__main__":
    main()
