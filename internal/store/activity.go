package store

import (
	"context"
	"database/sql"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/adit-hq/adit/internal/tenant"
)

// What environments and keys did last. Replicas write without knowing of each
// other, so what is newer stays.

// SetActivity implements [tenant.Store]. Of two replicas that tell of one
// environment the newer exchange is kept, and the newest success of both.
func (s *Store) SetActivity(ctx context.Context, byEnvironment map[string]tenant.Activity) error {
	return s.write(ctx, "noting exchanges", func(ctx context.Context, tx *sql.Tx) error {
		set, err := tx.PrepareContext(ctx, `INSERT INTO environment_activity (environment, exchanged, outcome, why, request_id, succeeded)
			SELECT id, CAST($2 AS BIGINT), CAST($3 AS TEXT), CAST($4 AS TEXT), CAST($5 AS TEXT), CAST($6 AS BIGINT)
			FROM environments WHERE id = $1 AND deleted = 0
			ON CONFLICT (environment) DO UPDATE SET
				outcome    = CASE WHEN excluded.exchanged >= environment_activity.exchanged THEN excluded.outcome ELSE environment_activity.outcome END,
				why        = CASE WHEN excluded.exchanged >= environment_activity.exchanged THEN excluded.why ELSE environment_activity.why END,
				request_id = CASE WHEN excluded.exchanged >= environment_activity.exchanged THEN excluded.request_id ELSE environment_activity.request_id END,
				exchanged  = CASE WHEN excluded.exchanged >= environment_activity.exchanged THEN excluded.exchanged ELSE environment_activity.exchanged END,
				succeeded  = CASE WHEN excluded.succeeded >= environment_activity.succeeded THEN excluded.succeeded ELSE environment_activity.succeeded END`)
		if err != nil {
			return err
		}
		defer set.Close()
		// In order, so that two replicas never wait for each other.
		for _, id := range slices.Sorted(maps.Keys(byEnvironment)) {
			a := byEnvironment[id]
			if _, err := set.ExecContext(ctx, clean(id), micros(a.Exchanged), clean(a.Outcome), clean(a.Why), clean(a.RequestID), micros(a.Succeeded)); err != nil {
				return err
			}
		}
		return nil
	})
}

// Activity implements [tenant.Store].
func (s *Store) Activity(ctx context.Context, organization string, ids []string) (map[string]tenant.Activity, error) {
	byEnvironment := map[string]tenant.Activity{}
	var w where
	w.add("e.organization = %s", clean(organization))
	w.add("e.deleted = 0")
	if ids != nil && len(ids) == 0 {
		return byEnvironment, nil
	}
	if ids != nil {
		w.add("a.environment IN (%s"+strings.Repeat(", %s", len(ids)-1)+")", cleaned(ids)...)
	}
	ctx, end := s.patient(ctx)
	defer end()
	rows, err := s.reads.QueryContext(ctx, activities(w), w.args...)
	_, err = collect(rows, err, func(row scanner) (struct{}, error) {
		var id string
		var a tenant.Activity
		err := row.Scan(&id, timeColumn{&a.Exchanged}, &a.Outcome, &a.Why, &a.RequestID, timeColumn{&a.Succeeded})
		byEnvironment[id] = a
		return struct{}{}, err
	})
	if err != nil {
		return nil, s.fault(ctx, "reading the last exchanges", err)
	}
	return byEnvironment, nil
}

func activities(w where) string {
	return `SELECT a.environment, a.exchanged, a.outcome, a.why, a.request_id, a.succeeded
		FROM environment_activity a JOIN environments e ON e.id = a.environment` + w.text()
}

// cleaned are texts as arguments.
func cleaned(texts []string) []any {
	all := make([]any, len(texts))
	for i, text := range texts {
		all[i] = clean(text)
	}
	return all
}

// SetLastUsed implements [access.Store].
func (s *Store) SetLastUsed(ctx context.Context, byKey map[string]time.Time) error {
	return s.write(ctx, "noting the use of keys", func(ctx context.Context, tx *sql.Tx) error {
		set, err := tx.PrepareContext(ctx, `INSERT INTO key_activity (api_key, used)
			SELECT id, CAST($2 AS BIGINT) FROM api_keys WHERE id = $1
			ON CONFLICT (api_key) DO UPDATE SET used = excluded.used WHERE excluded.used > key_activity.used`)
		if err != nil {
			return err
		}
		defer set.Close()
		for _, id := range slices.Sorted(maps.Keys(byKey)) {
			if _, err := set.ExecContext(ctx, clean(id), micros(byKey[id])); err != nil {
				return err
			}
		}
		return nil
	})
}

// LastUsed implements [access.Store]. Revoked keys are among them.
func (s *Store) LastUsed(ctx context.Context, organization string) (map[string]time.Time, error) {
	byKey := map[string]time.Time{}
	ctx, end := s.patient(ctx)
	defer end()
	rows, err := s.reads.QueryContext(ctx, `SELECT a.api_key, a.used FROM key_activity a JOIN api_keys k ON k.id = a.api_key
		WHERE k.organization = $1`, clean(organization))
	_, err = collect(rows, err, func(row scanner) (struct{}, error) {
		var id string
		var used time.Time
		err := row.Scan(&id, timeColumn{&used})
		byKey[id] = used
		return struct{}{}, err
	})
	if err != nil {
		return nil, s.fault(ctx, "reading the last use of keys", err)
	}
	return byKey, nil
}
