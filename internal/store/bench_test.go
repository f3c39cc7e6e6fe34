package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/usage"
)

// What pages ask for, at the sizes that they must stay quick at: 10,000
// environments, 100,000 rows of audit, a million sums of usage. Each reports the
// time that nineteen of twenty take at most, in milliseconds.
//
//	go test ./internal/store -run '^$' -bench . -benchtime 50x

// benchmark runs ask as often as it is told to, and reports its p95.
func benchmark(b *testing.B, name string, ask func(ctx context.Context) (int, error)) {
	b.Run(name, func(b *testing.B) {
		var took []time.Duration
		rows := 0
		for b.Loop() {
			began := time.Now()
			n, err := ask(b.Context())
			if err != nil {
				b.Fatal(err)
			}
			took, rows = append(took, time.Since(began)), n
		}
		slices.Sort(took)
		b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
		b.ReportMetric(float64(rows), "rows")
	})
}

// A snapshot is read after every change, by every replica.
func BenchmarkSnapshotOfTenThousandEnvironments(b *testing.B) {
	s := openFile(b, Options{})
	fillEnvironments(b, s, 10_000)
	benchmark(b, "Snapshot", func(ctx context.Context) (int, error) {
		n, err := s.Snapshot(ctx)
		return len(n.Environments), err
	})
}

// now is a quarter past ten of the last day that there is something of.
func now() time.Time { return time.Date(2026, 11, 22, 10, 15, 0, 0, time.UTC) }

// fillAudit writes rows of 400 days in ten organizations, of which the first has
// nine tenths; the newest come from few, so that older ones are far away.
func fillAudit(b *testing.B, s *Store, n int) {
	b.Helper()
	s.UseChain(audit.NewChain([]byte("a key for tests, 32 bytes long..")))
	actions := []string{"exchange.ok", "exchange.refused", "environment.update", "environment.create", "apikey.create", "apikey.rotate", "signin.ok", "signin.failed", "budget.warning"}
	step := 400 * 24 * time.Hour / time.Duration(n)
	var events []audit.Event
	for i := range n {
		e := audit.Event{
			Time: now().Add(time.Duration(i-n) * step), Organization: "org_0", Actor: audit.Actor{Organization: "org_0", Key: fmt.Sprintf("key_%024d", i%300), Name: "ci", Address: "192.0.2.7"},
			Action: actions[i%len(actions)], Target: fmt.Sprintf("env_%024d", i%10_000), Outcome: "ok", Details: map[string]string{"region": "eu-central-1", "request_id": fmt.Sprint(i)},
		}
		if i%10 == 9 {
			e.Organization = fmt.Sprintf("org_%d", i/10%9+1)
		}
		switch {
		case i < n/10: // long ago
			e.Action, e.Actor.Key, e.Target = "issuer.rotate", "key_former", "env_former"
		case i%1000 == 0:
			e.Action = "organization.update"
		}
		if events = append(events, e); len(events) == 1000 {
			if err := s.AppendEvents(b.Context(), events); err != nil {
				b.Fatal(err)
			}
			events = events[:0]
		}
	}
}

func BenchmarkAuditOfAHundredThousandRows(b *testing.B) {
	s := openFile(b, Options{})
	fillAudit(b, s, 100_000)
	ours, other := "org_0", "org_5"
	for _, c := range []struct {
		name string
		q    audit.Query
	}{
		{"newest", audit.Query{}},
		{"deep page", audit.Query{After: 30_000}},
		{"common actions", audit.Query{Action: "exchange."}},
		{"all actions", audit.Query{Action: "e"}},
		{"rare action", audit.Query{Action: "organization."}},
		{"former action", audit.Query{Action: "issuer.rotate"}},
		{"no such action", audit.Query{Action: "trust."}},
		{"actor", audit.Query{Actor: fmt.Sprintf("key_%024d", 7)}},
		{"former actor", audit.Query{Actor: "key_former"}},
		{"no such actor", audit.Query{Actor: "key_never"}},
		{"target", audit.Query{Target: fmt.Sprintf("env_%024d", 77)}},
		{"former target", audit.Query{Target: "env_former"}},
		{"last day", audit.Query{From: now().AddDate(0, 0, -1)}},
		{"a day long ago", audit.Query{From: now().AddDate(0, 0, -300), To: now().AddDate(0, 0, -299)}},
		{"before long ago", audit.Query{To: now().AddDate(0, 0, -300)}},
		{"all time", audit.Query{From: now().AddDate(-3, 0, 0), To: now()}},
		{"action and time", audit.Query{Action: "exchange.", From: now().AddDate(0, 0, -300), To: now().AddDate(0, 0, -299)}},
		{"actor and action", audit.Query{Actor: fmt.Sprintf("key_%024d", 9), Action: "issuer."}},
		{"actor and time", audit.Query{Actor: fmt.Sprintf("key_%024d", 7), To: now().AddDate(0, 0, -300)}},
		{"actor and target", audit.Query{Actor: fmt.Sprintf("key_%024d", 7), Target: fmt.Sprintf("env_%024d", 307)}},
	} {
		c.q.Newest, c.q.Limit = true, 101
		for of, organization := range map[string]*string{"ours": &ours, "another's": &other, "everyone's": nil} {
			c.q.Organization = organization
			benchmark(b, c.name+"/"+of, func(ctx context.Context) (int, error) {
				rows, err := s.Rows(ctx, c.q)
				return len(rows), err
			})
		}
	}
}

// fillUsage writes a sum for every hour of the days and for every one of series.
// A key has tags, is used in one environment, and asks for five models.
func fillUsage(b *testing.B, s *Store, days, series int) {
	b.Helper()
	end := now().Truncate(24*time.Hour).AddDate(0, 0, 1)
	for t := range 8 { // the first texts of tags, with their ids
		var records []usage.Record
		for k := range 1 {
			records = append(records, usage.Record{Hour: end.AddDate(-9, 0, 0), Key: fmt.Sprint(k), Tags: fmt.Sprintf(`{"cost-center":"%d","team":"t%d"}`, t, t/2)})
		}
		if err := s.AddUsage(b.Context(), records); err != nil {
			b.Fatal(err)
		}
	}
	err := s.write(b.Context(), "filling", func(_ context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(b.Context(), `WITH RECURSIVE
				t (i, id) AS (SELECT row_number() OVER (ORDER BY id) - 1, id FROM usage_tags),
				h (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM h WHERE i < $1 - 1),
				n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < $2 - 1)
			INSERT INTO usage_hours (hour, `+usageColumns+`)
			SELECT $3 + h.i * 3600000000, 'org_0', printf('env_%024d', n.i / 5 % 10), 'arn:aws:bedrock:eu-central-1::foundation-model/model-' || (n.i % 5), printf('key_%024d', n.i / 5), t.id,
				n.i, n.i * 7, n.i * 700, 0, 1, 2, 0, n.i * 70000, 0, 0
			FROM h, n JOIN t ON t.i = n.i / 5 % 8 ORDER BY h.i`, days*24, series, micros(end.AddDate(0, 0, -days)))
		if err == nil {
			_, err = tx.ExecContext(b.Context(), `INSERT INTO usage_days (day, `+usageColumns+`)
				SELECT hour - hour % 86400000000, `+usageNames+`, SUM(requests), SUM(texts), SUM(tokens), SUM(estimated), SUM(errors), SUM(throttles), SUM(over_budget), SUM(cost), SUM(estimated_cost), SUM(unpriced)
				FROM usage_hours WHERE organization <> '' GROUP BY hour - hour % 86400000000, `+usageNames)
		}
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
}

// benchmarkAdding writes what a second brings when every series was used in it.
func benchmarkAdding(b *testing.B, s *Store, series int) {
	records, err := s.Usage(b.Context(), usage.Query{From: now().Truncate(time.Hour), To: now()})
	if err != nil || len(records) != series {
		b.Fatal(len(records), err)
	}
	batch := usage.Batch{Writer: "replica", Records: records}
	benchmark(b, "adding a second's", func(ctx context.Context) (int, error) {
		batch.Number++
		return len(records), s.AddBatch(ctx, batch)
	})
}

func BenchmarkUsageOfAMillionSums(b *testing.B) {
	for _, size := range []struct{ days, series int }{{400, 104}, {30, 1390}} {
		b.Run(fmt.Sprintf("%d days of %d series", size.days, size.series), func(b *testing.B) {
			s := openFile(b, Options{})
			fillUsage(b, s, size.days, size.series)
			midnight := now().Truncate(24 * time.Hour)
			last24, last30 := now().Add(-24*time.Hour).Truncate(time.Hour), midnight.AddDate(0, 0, -29)
			benchmarkAdding(b, s, size.series)
			for _, c := range []struct {
				name string
				from time.Time
				by   usage.By
			}{
				{"24 h in all", last24, usage.By{}},
				{"24 h by hour", last24, usage.By{Hour: true}},
				{"24 h by environment", last24, usage.By{Environment: true}},
				{"24 h by hour and environment", last24, usage.By{Hour: true, Environment: true}},
				{"30 days in all", last30, usage.By{}},
				{"30 days by day", last30, usage.By{Day: true}},
				{"30 days by environment", last30, usage.By{Environment: true}},
				{"30 days by model", last30, usage.By{Model: true}},
				{"30 days by key", last30, usage.By{Key: true}},
				{"30 days by tag", last30, usage.By{Tag: "team"}},
				{"30 days by day and model", last30, usage.By{Day: true, Model: true}},
				{"30 days to the hour by model", now().Truncate(time.Hour).AddDate(0, 0, -30), usage.By{Model: true}},
			} {
				for of, q := range map[string]usage.Query{"organization": {Organization: "org_0"}, "environment": {Organization: "org_0", Environment: fmt.Sprintf("env_%024d", 3)}, "server": {}} {
					q.From, q.To = c.from, midnight.AddDate(0, 0, 1)
					if c.from.Equal(last24) {
						q.To = now().Truncate(time.Hour).Add(time.Hour)
					}
					benchmark(b, c.name+"/"+of, func(ctx context.Context) (int, error) {
						sums, err := s.Sums(ctx, q, c.by, 10_000)
						return len(sums), err
					})
				}
			}
		})
	}
}
