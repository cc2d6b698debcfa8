/* The rules once more as a C programmer writes one loop by hand: the yardstick of the benchmark.
   Not part of the product. Locals in registers, no calls that do not inline, no checks. */
#include <stdint.h>

typedef int64_t i64;

typedef struct {
    i64 n, threshold, risk, stop, target, trigger, offset, cooldown, leverage, exposure, fee, slip;
    i64 unit, min_lots, max_lots, min_notional, max_notional, symbols, first;
} terms_t;

static inline i64 floor_div(i64 a, i64 b) {
    i64 q = a / b;
    return q - (a % b != 0 && a < 0);
}

static inline i64 half_even(i64 amount, i64 scale) {
    i64 q = floor_div(amount, scale), rest = amount - q * scale;
    return q + (2 * rest > scale || (2 * rest == scale && (q & 1)));
}

static inline i64 level(i64 price, i64 ppm) {
    return (2 * price * (1000000 + ppm) + 1000000) / 2000000;
}

static inline i64 slipped(i64 side, i64 price, i64 ppm) {
    return side > 0 ? (price * (1000000 + ppm) + 999999) / 1000000
                    : price * (1000000 - ppm) / 1000000;
}

static inline i64 distance(i64 a, i64 b) { return a > b ? a - b : b - a; }

static inline i64 needed(i64 side, i64 worth, const terms_t *t) {
    i64 assumed = side > 0 ? worth + half_even(worth * 500, 1000000) : worth;
    return half_even(assumed, t->leverage) + assumed - worth +
           half_even(assumed * t->fee, 1000000);
}

/* Twelve numbers a trade into `out`; returns the trades; `wallet_out` gets the wallet. */
i64 loop(const i64 *slot, const i64 *open, const i64 *high, const i64 *low, const i64 *close,
         i64 count, const i64 *due_at, const i64 *rate, const i64 *mark, const i64 *cap,
         const i64 *mmr, const i64 *cum, i64 tiers, const terms_t *terms, i64 wallet, i64 *out,
         i64 *wallet_out) {
    const terms_t t = *terms;
    i64 total = 0, streak = 0, trades = 0, due = 0, ended = slot[0] - (1LL << 30);
    i64 side = 0, lots = 0, entry = 0, stop = 0, target = 0, liquidation = 0, moved = 0;
    i64 margin = 0, fees = 0, funding = 0, entered = 0, previous = slot[0] - 2, last = 0;
    for (i64 i = 0; i < count; i++) {
        const i64 now = open[i], follows = slot[i] == previous + 1;
        i64 reason = 0, price = 0;
        if (side) {
            for (; due_at[due] <= i; due++) {
                i64 worth = lots * (mark[due] ? mark[due] : now) * t.unit;
                i64 whole = worth / 100000000, part = worth % 100000000;
                i64 paid = side * (whole * rate[due] + 0);
                i64 product = part * rate[due];
                i64 q = floor_div(product, 100000000), rest = product - q * 100000000;
                i64 sum = whole * rate[due] + q;
                sum += 2 * rest > 100000000 || (2 * rest == 100000000 && (sum & 1));
                paid = side * sum;
                funding += paid;
                wallet -= paid;
            }
            if (liquidation > 0 && side * (now - liquidation) <= 0) reason = 3, price = liquidation;
            else if (side * (now - stop) <= 0) reason = moved ? 4 : 1, price = now;
            else if (side * (now - target) >= 0) reason = 2, price = now;
        }
        if (i > t.first && !reason) {
            const i64 known = streak >= t.n, gap = t.n * last - total;
            if (side) {
                if (known && side * gap >= 0) {
                    reason = 5, price = now;
                } else if (!moved && t.trigger &&
                           side * (last - entry) * 1000000 >= t.trigger * entry) {
                    stop = level(entry, side * t.offset);
                    moved = 1;
                    if (side * (now - stop) <= 0) reason = 4, price = now;
                }
            } else if (known && previous - ended >= t.cooldown) {
                i64 way = gap * 1000000 <= -t.threshold * total   ? 1
                          : gap * 1000000 >= t.threshold * total ? -1
                                                                  : 0;
                if (way && follows) {
                    i64 balance = wallet / t.symbols;
                    i64 by_risk = floor_div(balance * t.risk, last * t.unit * t.stop);
                    i64 by_exposure = floor_div(balance * t.exposure, last * t.unit * 1000);
                    i64 size = by_risk < by_exposure ? by_risk : by_exposure;
                    if (size > t.max_lots) size = t.max_lots;
                    i64 worth = size * now * t.unit;
                    if (size >= t.min_lots && size > 0 && size * last * t.unit >= t.min_notional &&
                        distance(level(last, -way * t.stop), last) >= 2 &&
                        distance(level(last, way * t.target), last) >= 2 &&
                        worth >= t.min_notional && worth <= t.max_notional &&
                        needed(way, worth, &t) <= wallet) {
                        side = way, lots = size, entered = i, moved = 0, funding = 0;
                        entry = slipped(side, now, t.slip);
                        i64 notional = entry * lots * t.unit, tier = 0;
                        fees = half_even(notional * t.fee, 1000000);
                        wallet -= fees;
                        margin = half_even(notional, t.leverage);
                        while (tier < tiers - 1 && notional > cap[tier]) tier++;
                        i64 amount = notional - side * (margin + cum[tier]);
                        liquidation = 0;
                        if (amount > 0) {
                            __int128 a = (__int128)amount * 10000;
                            __int128 b = (__int128)(lots * t.unit) * (10000 - side * mmr[tier]);
                            liquidation = (i64)((2 * a + b) / (2 * b));
                        }
                        stop = level(entry, -side * t.stop);
                        target = level(entry, side * t.target);
                        while (due_at[due] <= i) due++;
                        if (side * (now - stop) <= 0) reason = 1, price = now;
                        else if (side * (now - target) >= 0) reason = 2, price = now;
                    }
                }
            }
        }
        if (side && !reason) {
            const i64 worst = side > 0 ? low[i] : high[i], best = side > 0 ? high[i] : low[i];
            if (side * (worst - stop) <= 0) reason = moved ? 4 : 1, price = stop;
            else if (liquidation > 0 && side * (worst - liquidation) <= 0)
                reason = 3, price = liquidation;
            else if (side * (best - target) >= 0) reason = 2, price = target;
        }
        if (reason) {
            i64 gross, *row = out + 12 * trades++;
            if (reason == 3) {
                gross = -margin;
                wallet += gross;
            } else {
                price = slipped(-side, price, t.slip);
                i64 fee = half_even(price * lots * t.unit * t.fee, 1000000);
                gross = side * (price - entry) * lots * t.unit;
                fees += fee;
                wallet += gross - fee;
            }
            row[0] = side, row[1] = lots, row[2] = entered - 1, row[3] = entered, row[4] = entry;
            row[5] = i, row[6] = price, row[7] = reason, row[8] = gross, row[9] = fees;
            row[10] = funding, row[11] = wallet;
            side = 0;
            ended = slot[i];
        }
        last = close[i];
        if (!follows) total = 0, streak = 0;
        total += last;
        if (++streak > t.n) total -= close[i - t.n];
        previous = slot[i];
    }
    *wallet_out = wallet;
    return trades;
}
