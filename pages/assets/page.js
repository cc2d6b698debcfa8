"use strict";
// Draws the charts of a page from the JSON that lies in each figure. No figure is computed here.
(() => {
  const L = LightweightCharts;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
  const paints = [];  // called again whenever light turns to dark
  const paint = (how) => { paints.push(how); how(); };
  dark.addEventListener("change", () => paints.forEach((how) => how()));

  const make = (tag, into, text = "", className = "") => {
    const made = into.appendChild(document.createElement(tag));
    made.textContent = text;
    if (className) made.className = className;
    return made;
  };
  const moment = (seconds) => new Date(seconds * 1000).toISOString().slice(0, 16).replace("T", " ");
  const figureOf = (value, decimals) => value.toLocaleString("en-US", {
    minimumFractionDigits: decimals, maximumFractionDigits: decimals,
  });

  function chartIn(place, options) {
    const chart = L.createChart(place, {
      autoSize: true,
      layout: { attributionLogo: true, fontFamily: "inherit" },
      handleScroll: { vertTouchDrag: false, mouseWheel: false },
      timeScale: {
        timeVisible: true, borderVisible: false, minBarSpacing: 0.001, enableConflation: true,
        fixLeftEdge: true, fixRightEdge: true,
      },
      rightPriceScale: { borderVisible: false },
      crosshair: { mode: L.CrosshairMode.Magnet },
      ...options,
    });
    paint(() => chart.applyOptions({
      layout: {
        background: { color: colour("paper") }, textColor: colour("faint"),
        panes: { separatorColor: colour("edge") },
      },
      grid: { vertLines: { color: colour("edge") }, horzLines: { color: colour("edge") } },
    }));
    return chart;
  }

  function drawLevels(figure, spec) {
    const legend = make("div", figure, "", "legend");
    const chart = chartIn(make("div", figure, "", "area"), {
      handleScale: { mouseWheel: false },
    });
    const drawn = [];
    spec.panes.forEach((lines, pane) => lines.forEach((line) => {
      const series = chart.addSeries(line.area ? L.AreaSeries : L.LineSeries, {
        lineWidth: 2, priceLineVisible: false, lastValueVisible: true, title: "",
        priceFormat: { type: "custom", minMove: 10 ** -line.decimals,
          formatter: (value) => figureOf(value, line.decimals) + line.unit },
      }, pane);
      const values = [];
      line.values.forEach((value, step) => {
        if (value !== null) values.push({ time: spec.start + step * spec.step, value });
      });
      series.setData(values);
      const entry = make("span", legend);
      const swatch = make("s", entry);
      const said = make("span", entry);
      const last = values.length ? values[values.length - 1].value : null;
      const tell = (value) => {
        said.textContent = line.name + (value === null ? "" : " " + figureOf(value, line.decimals) + line.unit);
      };
      tell(last);
      paint(() => {
        const shade = colour(line.colour);
        swatch.style.background = shade;
        series.applyOptions(line.area
          ? { lineColor: shade, topColor: shade + "14", bottomColor: shade + "44",
              invertFilledArea: line.values.every((value) => value === null || value <= 0) }
          : { color: shade });
      });
      drawn.push({ series, tell, last });
    }));
    const when = make("span", legend);
    chart.panes().forEach((pane, place) => pane.setStretchFactor(place === 0 ? 2 : 1));
    chart.subscribeCrosshairMove((cross) => {
      when.textContent = cross.time === undefined ? "" : moment(cross.time);
      drawn.forEach((each) => {
        const point = cross.time === undefined ? null : cross.seriesData.get(each.series);
        each.tell(point ? point.value : each.last);
      });
    });
    chart.timeScale().fitContent();
  }

  function unpacked(spec) {
    const candles = [];
    let place = 0, before = 0;
    for (const [start, count] of spec.runs) {
      for (let step = 0; step < count; step++, place += 4) {
        const [opened, body, above, below] = spec.candles.slice(place, place + 4);
        const open = before + opened, close = open + body;
        before = close;
        candles.push({
          time: start + step * spec.step, open: open * spec.tick, close: close * spec.tick,
          high: (Math.max(open, close) + above) * spec.tick,
          low: (Math.min(open, close) - below) * spec.tick,
        });
      }
    }
    return candles;
  }

  function drawCandles(figure, spec) {
    const buttons = make("div", figure, "", "buttons");
    const legend = make("div", figure, "", "legend");
    const named = make("div", figure, "", "legend");
    const chart = chartIn(make("div", figure, "", "area"), {});
    const scale = chart.timeScale();
    const candles = unpacked(spec);
    const series = chart.addSeries(L.CandlestickSeries, {
      borderVisible: false, priceLineVisible: false,
      priceFormat: { type: "price", precision: spec.decimals, minMove: 10 ** -spec.decimals },
    });
    paint(() => series.applyOptions({
      upColor: colour("up"), downColor: colour("down"),
      wickUpColor: colour("up"), wickDownColor: colour("down"),
    }));
    series.setData(candles);
    const priceOf = (value) => value.toFixed(spec.decimals);  // as on the wire: no thousands
    spec.curves.forEach((curve) => {
      const line = chart.addSeries(L.LineSeries, {
        lineWidth: 1, lineStyle: curve.dashed ? L.LineStyle.Dashed : L.LineStyle.Solid, title: "",
        priceLineVisible: false, lastValueVisible: false, crosshairMarkerVisible: false,
      });
      const points = [];
      let ticks = 0;
      curve.ticks.forEach((change, place) => {
        if (change === null) return;
        ticks += change;
        points.push({ time: candles[place].time, value: ticks * spec.tick });
      });
      line.setData(points);
      paint(() => line.applyOptions({ color: colour(curve.colour) }));
      if (!curve.name) return;
      const swatch = make("s", make("span", named, curve.name));
      swatch.parentElement.prepend(swatch);
      paint(() => { swatch.style.background = colour(curve.colour); });
    });
    spec.levels.forEach((level) => {
      const line = series.createPriceLine({
        price: level.ticks * spec.tick, title: level.name, lineWidth: 1, axisLabelVisible: true,
      });
      paint(() => line.applyOptions({ color: colour(level.colour) }));
    });

    // The candle that a time lies in: the last one that began by then.
    const placeOf = (seconds) => {
      let low = 0, high = candles.length - 1;
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if (candles[middle].time <= seconds) low = middle; else high = middle - 1;
      }
      return low;
    };
    const trades = spec.trades.map(([side, entered, entry, left, exit, reason, net]) => ({
      side, entry: entry * spec.tick, exit: exit * spec.tick, reason, net,
      entered: entered / 1000, left: left / 1000,
      from: placeOf(entered / 1000), to: left ? placeOf(left / 1000) : candles.length - 1,
    }));
    const inWords = (number) => {
      const trade = trades[number];
      const way = trade.side > 0 ? "long" : "short";
      const ended = trade.left
        ? ` → ${moment(trade.left)} at ${priceOf(trade.exit)}: ${trade.reason}, net ${figureOf(trade.net, 2)} USDT`
        : ": still open";
      return `trade ${number + 1} of ${trades.length}: ${way} ${moment(trade.entered)} at ${priceOf(trade.entry)}${ended}`;
    };

    // Where the open trade is seen, its stop and its target are, too.
    const open = trades.findIndex((trade) => !trade.left);
    if (spec.levels.length && open >= 0) series.applyOptions({ autoscaleInfoProvider: (original) => {
      const info = original(), range = scale.getVisibleLogicalRange();
      if (!info?.priceRange || !range || range.to < trades[open].from) return info;
      const prices = spec.levels.map((level) => level.ticks * spec.tick);
      info.priceRange.minValue = Math.min(info.priceRange.minValue, ...prices);
      info.priceRange.maxValue = Math.max(info.priceRange.maxValue, ...prices);
      return info;
    } });

    // Markers only where they can be told apart, and only of what is seen.
    const markers = L.createSeriesMarkers(series, []);
    const MARKED = 600, WORDED = 130;
    const mark = () => {
      const range = scale.getVisibleLogicalRange();
      const rows = [];
      if (range && range.to - range.from <= MARKED) {
        const worded = range.to - range.from <= WORDED;
        for (const trade of trades) {
          if (trade.to < range.from || trade.from > range.to) continue;
          rows.push({
            time: candles[trade.from].time, color: colour("accent"),
            position: trade.side > 0 ? "belowBar" : "aboveBar",
            shape: trade.side > 0 ? "arrowUp" : "arrowDown",
            text: worded ? (trade.side > 0 ? "long" : "short") : "",
          });
          if (trade.left) rows.push({
            time: candles[trade.to].time, color: colour(trade.net >= 0 ? "up" : "down"),
            position: trade.side > 0 ? "aboveBar" : "belowBar", shape: "circle",
            text: worded ? trade.reason : "",
          });
        }
        rows.sort((one, other) => one.time - other.time);
      }
      markers.setMarkers(rows);
    };
    scale.subscribeVisibleLogicalRangeChange(mark);
    paint(mark);

    const said = make("span", legend);
    let chosen = trades.length - 1;
    const middleOf = () => {
      const range = scale.getVisibleLogicalRange();
      return range ? (range.from + range.to) / 2 : candles.length / 2;
    };
    const look = (middle, count) => scale.setVisibleLogicalRange({
      from: Math.max(0, middle - count / 2), to: Math.min(candles.length - 1, middle + count / 2),
    });
    const choose = (number) => {
      if (!trades.length) return;
      chosen = (number + trades.length) % trades.length;
      const trade = trades[chosen];
      look((trade.from + trade.to) / 2, Math.max(60, 3 * (trade.to - trade.from)));
      said.textContent = inWords(chosen);
    };
    const button = (text, does) => { make("button", buttons, text).onclick = does; };
    if (trades.length) {
      button("◀ trade", () => choose(chosen - 1));
      button("trade ▶", () => choose(chosen + 1));
    }
    const day = 86400 / spec.step;
    [["day", day], ["week", 7 * day], ["month", 30 * day]].forEach(([name, count]) => {
      if (count < 2 * candles.length) button(name, () => look(middleOf(), count));
    });
    button("all", () => look(candles.length / 2, candles.length));
    (figure.closest("section") ?? document).querySelectorAll("tr[data-trade]").forEach((row) => {
      const go = () => { choose(Number(row.dataset.trade)); figure.scrollIntoView({ block: "center" }); };
      row.onclick = go;
      row.onkeydown = (event) => { if (event.key === "Enter") go(); };
    });
    chart.subscribeCrosshairMove((cross) => {
      const candle = cross.time === undefined ? undefined : cross.seriesData.get(series);
      if (!candle) return;
      const place = placeOf(cross.time);
      const number = trades.findIndex((trade) => trade.from <= place && place <= trade.to);
      const prices = ["open", "high", "low", "close"].map((name) => `${name} ${priceOf(candle[name])}`);
      said.textContent = `${moment(cross.time)}  ${prices.join("  ")}` + (number < 0 ? "" : `  ·  ${inWords(number)}`);
    });
    if (trades.length) choose(chosen); else look(candles.length - 3 * day, 6 * day);
  }

  document.querySelectorAll("figure.chart").forEach((figure) => {
    const spec = JSON.parse(figure.querySelector("script").textContent);
    (spec.kind === "levels" ? drawLevels : drawCandles)(figure, spec);
  });
})();
