package access_test

import (
	"testing"
	"time"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/secret"
)

func TestDuringARotationTwoSecretsWorkAndThenOne(t *testing.T) {
	s := newServer(t)
	k, first := s.make(orgA)
	by := access.By{Principal: access.Principal{Key: k}} // by itself
	k, second, err := s.keys.Rotate(t.Context(), by, orgA, k.ID, time.Hour)
	if err != nil || len(k.Secrets) != 2 || k.Version != 2 {
		t.Fatalf("%d secrets, version %d, %v", len(k.Secrets), k.Version, err)
	}
	if !s.enters(first) || !s.enters(second) {
		t.Error("one of the two does not work")
	}
	_, third, err := s.keys.Rotate(t.Context(), by, orgA, k.ID, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if !s.enters(first) || !s.enters(second) || !s.enters(third) {
		t.Error("a second rotation ended a secret in its overlap")
	}
	s.pass(time.Hour)
	if s.enters(first) || s.enters(second) || !s.enters(third) {
		t.Error("after the overlap only the newest should work")
	}
	for _, d := range []time.Duration{-1, 31 * 24 * time.Hour} {
		if _, _, err := s.keys.Rotate(t.Context(), by, orgA, k.ID, d); code(err) != "invalid_input" {
			t.Errorf("an overlap of %v: %v", d, err)
		}
	}
}

func TestASecretInUseOutlivesRotationsWhoseAnswersAreLost(t *testing.T) {
	s := newServer(t)
	k, used := s.make(orgA)
	by := access.By{Principal: access.System()}
	rotate := func(overlap time.Duration) secret.String {
		t.Helper()
		var made secret.String
		var err error
		if k, made, err = s.keys.Rotate(t.Context(), by, orgA, k.ID, overlap); err != nil {
			t.Fatal(err)
		}
		return made
	}
	for range 4 { // nobody learns what these make
		rotate(24 * time.Hour)
		s.pass(time.Minute)
	}
	if !s.enters(used) || len(k.Secrets) != 5 {
		t.Errorf("it works no more, of %d secrets", len(k.Secrets))
	}
	fifth := rotate(time.Hour)
	if s.enters(used) || len(k.Secrets) != 5 {
		t.Errorf("%d secrets live", len(k.Secrets))
	}
	if s.pass(time.Hour); !s.enters(fifth) {
		t.Error("the newest ended")
	}
	if rotate(24 * time.Hour); len(k.Secrets) != 2 {
		t.Errorf("a shorter overlap left %d secrets", len(k.Secrets))
	}
	sixth := rotate(0)
	if s.enters(fifth) || !s.enters(sixth) || len(k.Secrets) != 1 {
		t.Errorf("without an overlap %d secrets live", len(k.Secrets))
	}
}
