package app

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"github.com/adit-hq/adit/internal/store"
	"github.com/adit-hq/adit/internal/usage"
)

// unwritable reads usage and writes none, as a database that is busy with something else.
type unwritable struct{ *store.Store }

func (unwritable) AddBatch(context.Context, usage.Batch) error {
	return errors.New("somebody else is writing")
}

func TestUsageIsShownAlsoWhenItsLastMomentsCannotBeWritten(t *testing.T) {
	s, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "adit.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	stored := usage.Record{Organization: "org_1", Counts: usage.Counts{Requests: 2}}
	if err := s.AddUsage(t.Context(), []usage.Record{stored}); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	rooms := &controlRooms{state: &state{store: s, meter: usage.NewMeter(unwritable{s}, usage.Settings{}), log: slog.New(slog.NewTextHandler(&log, nil))}}
	rooms.meter.Add(stored)
	sums, err := rooms.Sums(t.Context(), usage.Query{}, usage.By{}, 0)
	if n := usage.Total(sums); err != nil || n.Requests != 2 {
		t.Errorf("%+v, %v; want what is stored", n, err)
	}
	if !strings.Contains(log.String(), "somebody else is writing") {
		t.Errorf("the log does not say why: %q", log.String())
	}
}
