package app

import (
	"io"
	"log/slog"

	"github.com/adit-hq/adit/internal/telemetry"
)

// NewLog returns a logger for Settings.Log that writes records of at least the
// level to w, as JSON, or as text where format is "text".
func NewLog(w io.Writer, level slog.Level, format string) *slog.Logger {
	return telemetry.Logger(w, level, format)
}
