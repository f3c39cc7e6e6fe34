package secret_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/adit-hq/adit/internal/secret"
)

func TestNoWayOfPrintingShowsTheValue(t *testing.T) {
	const value = "wJalrXUtnFEMI"
	s := secret.New(value)
	type holder struct {
		Key secret.String
		ptr *secret.String
	}
	h := holder{Key: s, ptr: &s}

	var printed []string
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		printed = append(printed, fmt.Sprintf(verb, s), fmt.Sprintf(verb, h), fmt.Sprintf(verb, &h))
	}
	body, err := json.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "key", s, "holder", h)
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "key", s, "holder", h)

	for _, out := range append(printed, string(body), log.String()) {
		if strings.Contains(out, value) || strings.Contains(out, fmt.Sprintf("%x", value)) {
			t.Errorf("the value is in %q", out)
		}
	}
	if s.Reveal() != value {
		t.Errorf("Reveal() = %q", s.Reveal())
	}
}

func TestEqualTellsOnlyWhetherTheValuesAreTheSame(t *testing.T) {
	s := secret.New("key-1")
	for other, want := range map[string]bool{"key-1": true, "key-2": false, "": false, "key-11": false} {
		if s.Equal(other) != want {
			t.Errorf("Equal(%q) = %v", other, !want)
		}
	}
}
