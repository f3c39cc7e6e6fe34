package app_test

import (
	"context"
	"log/slog"
)

// signalling returns a logger that hands every message to a channel, so that a
// test can wait for what it tells of.
func signalling(messages chan<- string) *slog.Logger { return slog.New(signal{messages}) }

type signal struct{ messages chan<- string }

func (signal) Enabled(context.Context, slog.Level) bool { return true }

func (s signal) Handle(_ context.Context, r slog.Record) error {
	select {
	case s.messages <- r.Message:
	default: // nobody waits
	}
	return nil
}

func (s signal) WithAttrs([]slog.Attr) slog.Handler { return s }

func (s signal) WithGroup(string) slog.Handler { return s }
