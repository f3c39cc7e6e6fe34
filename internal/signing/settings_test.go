package signing_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/signing"
)

func TestSettingsThatBreakTheRulesOfRotationAreRefusedAllAtOnce(t *testing.T) {
	tests := []struct {
		name   string
		s      signing.Settings
		params []string
	}{
		{"the defaults", signing.Settings{}, nil},
		{"the shortest that hold", signing.Settings{
			Algorithm: signing.ES256, TokenTTL: time.Minute, JWKSMaxAge: time.Second, Prepublish: time.Hour, ActiveLife: 2 * time.Hour, Retire: 6*time.Minute + 2*time.Second,
		}, nil},
		{"an algorithm that is none", signing.Settings{Algorithm: "none"}, []string{"algorithm"}},
		{"a token that dies at once", signing.Settings{TokenTTL: time.Second}, []string{"token_ttl"}},
		{"a token that lives too long", signing.Settings{TokenTTL: time.Hour + 1}, []string{"token_ttl"}},
		{"keys that are never cached", signing.Settings{JWKSMaxAge: time.Millisecond}, []string{"jwks_max_age"}},
		{"caches that outlast a quarter of the prepublish time", signing.Settings{JWKSMaxAge: 16 * time.Minute, Prepublish: time.Hour}, []string{"jwks_max_age"}},
		{"a key that is published too late", signing.Settings{Prepublish: time.Hour - time.Second}, []string{"prepublish"}},
		{"a life too short for its successor", signing.Settings{ActiveLife: 47 * time.Hour}, []string{"active_life"}},
		{"keys that leave while their tokens live", signing.Settings{Retire: 20*time.Minute - time.Second}, []string{"retire"}},
		{"keys that stay too long", signing.Settings{Retire: 121 * 24 * time.Hour}, []string{"retire"}},
		{"everything wrong", signing.Settings{Algorithm: "HS256", TokenTTL: 2 * time.Hour, JWKSMaxAge: time.Hour, Prepublish: time.Minute, ActiveLife: time.Minute, Retire: time.Minute},
			[]string{"active_life", "algorithm", "jwks_max_age", "prepublish", "retire", "token_ttl"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, err := range parts(tt.s.Check()) {
				f := fault.From(err)
				if f.Kind != fault.Config {
					t.Errorf("%v is a fault of kind %v", err, f.Kind)
				}
				got = append(got, f.Param)
			}
			slices.Sort(got)
			if diff := cmp.Diff(tt.params, slices.Compact(got)); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
		})
	}
}

func TestABrokenRuleDoesNotHideTheOthersFromAReader(t *testing.T) {
	f := fault.From(signing.Settings{TokenTTL: time.Second, Retire: time.Minute}.Check())
	for _, want := range []string{"token lifetime is 1s", "retire time is 1m0s"} {
		if !strings.Contains(f.Sentence()+f.Detail, want) {
			t.Errorf("%q is not told:\n%s\n%s", want, f.Sentence(), f.Detail)
		}
	}
}

func parts(err error) []error {
	var joined interface{ Unwrap() []error }
	if errors.As(err, &joined) {
		return joined.Unwrap()
	}
	if err == nil {
		return nil
	}
	return []error{err}
}
