package signing_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/adit-hq/adit/internal/signing"
	"github.com/adit-hq/adit/internal/signing/signingtest"
)

// hanging holds every reading until its context ends, once it is stuck.
type hanging struct {
	*signingtest.Store
	stuck bool
}

func (h *hanging) SigningKeys(ctx context.Context, issuer string) ([]signing.Key, int64, error) {
	if h.stuck {
		<-ctx.Done()
		return nil, 0, ctx.Err()
	}
	return h.Store.SigningKeys(ctx, issuer)
}

func TestWhoRevokesAKeyDoesNotWaitForAStepThatHangsLongerThanAllowed(t *testing.T) {
	s := newStand(t, signing.Settings{})
	synctest.Test(t, func(t *testing.T) {
		h := &hanging{Store: s.store}
		signer := signing.New(s.rules, h, s.vault)
		step(t, signer)
		h.stuck = true
		ctx, end := context.WithCancel(t.Context())
		go func() { _ = signer.Step(ctx) }()
		synctest.Wait()
		short, over := context.WithTimeout(t.Context(), 3*time.Second)
		defer over()
		if _, err := signer.Revoke(short, operator(), activeKey(t, signer).ID, true); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("it was given three seconds: %v", err)
		}
		end()
		synctest.Wait()
	})
}
