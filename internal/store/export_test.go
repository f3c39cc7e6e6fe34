package store

import "context"

// Show asks a connection of PostgreSQL for a setting.
func (s *Store) Show(ctx context.Context, name string) (value string, err error) {
	err = s.db.QueryRowContext(ctx, "SELECT current_setting($1)", name).Scan(&value)
	return value, err
}
