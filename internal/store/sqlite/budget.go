package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"ipse.dev/ipse/internal/store"
)

const insertDay = `INSERT INTO budget_days (day, since, input_ms, shadow_ms, alerts, shadow_alerts, injected, threshold, shift, mixed)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
	ON CONFLICT (day) DO UPDATE SET since = min(since, excluded.since), input_ms = input_ms + excluded.input_ms, shadow_ms = shadow_ms + excluded.shadow_ms,
		alerts = alerts + excluded.alerts, shadow_alerts = shadow_alerts + excluded.shadow_alerts, injected = injected + excluded.injected,
		mixed = mixed OR excluded.mixed OR threshold <> excluded.threshold OR shift <> excluded.shift`

// addDays adds to the sums of days. Its transaction moves the checkpoint, so each message is added once.
func addDays(ctx context.Context, tx *sql.Tx, days []store.Day) error {
	for _, d := range days {
		if _, err := tx.ExecContext(ctx, insertDay, d.Number, d.Number, d.InputMS, d.ShadowMS, d.Alerts, d.ShadowAlerts, d.Injected, d.Threshold, d.Shift, false); err != nil {
			return err
		}
		for _, p := range d.Peaks {
			if _, err := tx.ExecContext(ctx, `INSERT INTO budget_peaks (day, bin, cut, n) VALUES (?, ?, ?, ?)
				ON CONFLICT (day, bin, cut) DO UPDATE SET n = n + excluded.n`, d.Number, p.Bin, p.Cut, p.N); err != nil {
				return err
			}
		}
		for _, mark := range d.Marks {
			if _, err := tx.ExecContext(ctx, `INSERT INTO budget_marks (day, mark) VALUES (?, ?) ON CONFLICT DO NOTHING`, d.Number, mark); err != nil {
				return err
			}
		}
	}
	return nil
}

const dayColumns = `day, since, input_ms, shadow_ms, alerts, shadow_alerts, injected, threshold, shift, mixed,
	CASE WHEN crowd > 0 THEN crowd ELSE (SELECT count(*) FROM budget_marks WHERE budget_marks.day = budget_days.day) END, crowd > 0`

func scanDay(r interface{ Scan(...any) error }) (d store.Day, err error) {
	return d, r.Scan(&d.Number, &d.Since, &d.InputMS, &d.ShadowMS, &d.Alerts, &d.ShadowAlerts, &d.Injected, &d.Threshold, &d.Shift, &d.Mixed, &d.Crowd, &d.Over)
}

// BudgetDays lists the sums from a day on, the oldest first.
func (db *DB) BudgetDays(ctx context.Context, from int64) ([]store.Day, error) {
	days, err := query(ctx, db.read, "read the sums of days", func(r *sql.Rows) (store.Day, error) { return scanDay(r) }, `SELECT `+dayColumns+` FROM budget_days WHERE day >= ? ORDER BY day`, from)
	if err != nil {
		return nil, err
	}
	type dayPeaks struct {
		day int64
		bin store.PeakBin
	}
	peaks, err := query(ctx, db.read, "read the peaks of days", func(r *sql.Rows) (p dayPeaks, err error) {
		return p, r.Scan(&p.day, &p.bin.Bin, &p.bin.Cut, &p.bin.N)
	}, `SELECT day, bin, cut, n FROM budget_peaks WHERE day >= ? ORDER BY day, bin, cut`, from)
	at := map[int64]int{}
	for i, d := range days {
		at[d.Number] = i
	}
	for _, p := range peaks {
		if i, ok := at[p.day]; ok { // a day may have come between the two reads
			days[i].Peaks = append(days[i].Peaks, p.bin)
		}
	}
	return days, err
}

// SealDays ends the days before one. A day with enough people stands alone from then on, and who they were is forgotten; one
// with fewer is added to the next day, marks and all. What has not found enough people within so many days is dropped.
func (db *DB) SealDays(ctx context.Context, before int64, enough int, within int64) error {
	return db.transact(ctx, "seal days", func(tx *sql.Tx) error {
		for {
			d, err := scanDay(tx.QueryRowContext(ctx, `SELECT `+dayColumns+` FROM budget_days WHERE day < ? AND crowd = 0 ORDER BY day LIMIT 1`, before))
			if errors.Is(err, sql.ErrNoRows) {
				_, err := tx.ExecContext(ctx, `DELETE FROM budget_marks WHERE day IN (SELECT day FROM budget_days WHERE crowd > 0)`)
				return err
			}
			if err != nil {
				return err
			}
			switch {
			case d.Crowd >= enough:
				_, err = tx.ExecContext(ctx, `UPDATE budget_days SET crowd = ? WHERE day = ?`, enough, d.Number)
			case d.Number-d.Since >= within:
				_, err = tx.ExecContext(ctx, `DELETE FROM budget_days WHERE day = ?`, d.Number)
			default:
				err = moveDay(ctx, tx, d)
			}
			if err != nil {
				return err
			}
		}
	})
}

// moveDay adds a day to the next one.
func moveDay(ctx context.Context, tx *sql.Tx, d store.Day) error {
	next := d.Number + 1
	for _, step := range []struct {
		text string
		args []any
	}{
		{insertDay, []any{next, d.Since, d.InputMS, d.ShadowMS, d.Alerts, d.ShadowAlerts, d.Injected, d.Threshold, d.Shift, d.Mixed}},
		{`INSERT INTO budget_peaks (day, bin, cut, n) SELECT ?, bin, cut, n FROM budget_peaks WHERE day = ?
			ON CONFLICT (day, bin, cut) DO UPDATE SET n = n + excluded.n`, []any{next, d.Number}},
		{`INSERT INTO budget_marks (day, mark) SELECT ?, mark FROM budget_marks WHERE day = ? ON CONFLICT DO NOTHING`, []any{next, d.Number}},
		{`DELETE FROM budget_days WHERE day = ?`, []any{d.Number}},
	} {
		if _, err := tx.ExecContext(ctx, step.text, step.args...); err != nil {
			return err
		}
	}
	return nil
}

// ForgetDays removes the sums of the days before one.
func (db *DB) ForgetDays(ctx context.Context, before int64) error {
	return db.transact(ctx, "forget the sums of days", func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM budget_days WHERE day < ?`, before)
		return err
	})
}

// DecidedCases counts the alarms of one cause that have a verdict, by the day they were raised, from a day on.
func (db *DB) DecidedCases(ctx context.Context, cause string, from int64) ([]store.Decided, error) {
	return query(ctx, db.read, "count verdicts", func(r *sql.Rows) (d store.Decided, err error) {
		return d, r.Scan(&d.Day, &d.Verdict, &d.N)
	}, `SELECT opened_at_ms / 86400000 AS day, verdict, count(*) FROM cases
		WHERE cause = ? AND verdict <> '' AND opened_at_ms >= ? * 86400000 GROUP BY day, verdict ORDER BY day, verdict`, cause, from)
}
