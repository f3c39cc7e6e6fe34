package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/adit-hq/adit/internal/fault"
)

// postgres is PostgreSQL by pgx, through database/sql.
type postgres struct{ server string } // host:port/database

func openPostgres(url string, o Options) (*Store, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		// The cause quotes pieces of the URL, and of its password.
		return nil, fault.New(fault.Config, "the database URL cannot be read").WithCode("database_url").
			WithRemedy("Write postgres://USER:PASSWORD@HOST:PORT/DATABASE, with the special characters of the password as %%XX.")
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = 5 * time.Second
	}
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "adit"
	}
	given := maps.Clone(config.RuntimeParams)
	db := stdlib.OpenDB(*config,
		stdlib.OptionAfterConnect(func(ctx context.Context, c *pgx.Conn) error { return letGo(ctx, c, given) }),
		stdlib.OptionShouldPing(func(ctx context.Context, p stdlib.ShouldPingParams) bool { return silent(ctx, p, o.Patience/10) }))
	db.SetMaxOpenConns(max(o.Connections, 2)) // one waits for the migration's lock while another migrates
	db.SetMaxIdleConns(max(o.Connections, 2))
	db.SetConnMaxIdleTime(5 * time.Minute)
	where := fmt.Sprintf("%s:%d/%s", config.Host, config.Port, config.Database)
	return &Store{engine: postgres{where}, db: db, reads: db}, nil
}

// silent reports whether a connection that was idle does not answer in time, so
// that another is taken before the patience with the whole work is over. The ping
// closes it then: that of the pool, which follows, fails at once.
func silent(ctx context.Context, p stdlib.ShouldPingParams, within time.Duration) bool {
	if p.IdleDuration <= time.Second {
		return false
	}
	ctx, end := context.WithTimeout(ctx, within)
	defer end()
	return p.Conn.Ping(ctx) != nil
}

// letGo has the server end a transaction whose client is gone without a word, as
// where a machine lost its power: it holds the rows that every change locks. By
// default the server would wait for two hours. What the URL gives is kept. The
// settings are made by hand, since a pooler refuses to connect with them.
func letGo(ctx context.Context, c *pgx.Conn, given map[string]string) error {
	var sets []string
	for setting, value := range map[string]string{
		"idle_in_transaction_session_timeout": "30s",
		"tcp_keepalives_idle":                 "30", "tcp_keepalives_interval": "10", "tcp_keepalives_count": "3", // seconds
	} {
		if _, ok := given[setting]; !ok {
			sets = append(sets, fmt.Sprintf("set_config('%s', '%s', false)", setting, value))
		}
	}
	if len(sets) == 0 {
		return nil
	}
	_, err := c.Exec(ctx, "SELECT "+strings.Join(sets, ", "))
	return err
}

func (postgres) name() string { return "postgres" }

func (postgres) remedy() string {
	return "Check that PostgreSQL runs and lets Adit in, and that --database names it. Adit tries again by itself."
}

func (postgres) clock() string { return "CAST(EXTRACT(EPOCH FROM now()) * 1000000 AS BIGINT)" }

func (e postgres) where() string { return "PostgreSQL at " + e.server }

// migrationLock is the first half of the key of the advisory lock: "adit" in
// ASCII. The second is the schema's, so that two schemas of one database do not
// wait for each other.
const migrationLock = 0x61646974

func (postgres) lock(ctx context.Context, db *sql.DB) (func(), error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := conn.ExecContext(ctx, `SELECT pg_advisory_lock($1, hashtext(current_schema()))`, migrationLock); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return func() {
		// Detached: the lock must go even when the migration was cancelled.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		if _, err := conn.ExecContext(ctx, `SELECT pg_advisory_unlock($1, hashtext(current_schema()))`, migrationLock); err != nil {
			_ = conn.Raw(func(any) error { return driver.ErrBadConn }) // a closed connection holds no lock
		}
		_ = conn.Close()
	}, nil
}

// judge reads SQLSTATE codes (PostgreSQL manual, appendix A).
func (postgres) judge(err error) trouble {
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		return judgeConnection(err)
	}
	switch e.Code {
	case "40001", "40P01", "55P03": // serialization failure, deadlock, lock not available
		return busy
	case "23505": // unique violation
		if strings.HasSuffix(e.ConstraintName, "_live_name") {
			return nameTaken
		}
		return idTaken
	case "25006": // read-only: a standby took over, or is not ready yet
		return down
	}
	switch e.Code[:min(2, len(e.Code))] {
	case "08", "28", "3D", "53", "57", "58": // connection, credentials, no such database, resources, shutdown, system
		return down
	case "XX": // corrupted data or index
		return broken
	}
	return unknown
}

func judgeConnection(err error) trouble {
	var connect *pgconn.ConnectError
	var network net.Error
	if errors.As(err, &connect) || errors.As(err, &network) || pgconn.SafeToRetry(err) {
		return down
	}
	for _, gone := range []error{driver.ErrBadConn, sql.ErrConnDone, io.EOF, io.ErrUnexpectedEOF, net.ErrClosed} {
		if errors.Is(err, gone) {
			return down
		}
	}
	if strings.Contains(err.Error(), "conn closed") || strings.Contains(err.Error(), "sql: database is closed") {
		return down // neither library names them
	}
	return unknown
}
