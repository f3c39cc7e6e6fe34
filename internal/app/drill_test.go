package app

import (
	"testing"
	"time"

	"github.com/adit-hq/adit/emulator"
	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/signing"
	"github.com/adit-hq/adit/internal/store/storetest"
	"github.com/adit-hq/adit/internal/tenant"
)

// TestNoExchangeFailsWhileKeysRotateAndAreRevoked lets two replicas on one
// database exchange 20 tokens a second, against an STS that keeps the JWKS for a
// minute, while the clock passes a rotation and an administrator revokes a key.
func TestNoExchangeFailsWhileKeysRotateAndAreRevoked(t *testing.T) {
	for _, engine := range []storetest.Engine{storetest.SQLite(), storetest.Postgres()} {
		t.Run(engine.Name, func(t *testing.T) {
			d := newDrill(t, engine.New(t))
			d.exchange(5 * time.Second)
			before := d.active()
			d.pass(2*time.Hour - 15*time.Second) // to just before the key's life ends
			d.exchange(80 * time.Second)
			if d.active() == before {
				t.Error("the key has not rotated at the end of its life")
			}
			d.pass(90 * time.Minute) // the next key ripens
			leaked := d.active()
			if _, err := d.replicas[0].state.signer.Revoke(t.Context(), audit.System(), leaked, false); err != nil {
				t.Fatal(err)
			}
			d.exchange(70 * time.Second)
			if d.active() == leaked {
				t.Error("the revoked key signs on")
			}
			d.everyRotationOnce()
		})
	}
}

type drill struct {
	t        *testing.T
	now      *clock
	replicas []*replica
	env      tenant.Environment
	made     map[string]signing.Key // every key that was ever seen active
}

func newDrill(t *testing.T, database string) *drill {
	t.Helper()
	d := &drill{t: t, now: newClock(), made: map[string]signing.Key{}}
	aws := newAWS(t, emulator.WithClock(d.now.Now), emulator.WithKeyCache(time.Minute))
	for range 2 {
		d.replicas = append(d.replicas, startReplica(t, aws, func(s *Settings) {
			shared(database, t.TempDir())(s)
			s.State.Now, s.State.Poll, s.State.Stale = d.now.Now, time.Hour, 24*time.Hour // the drill polls by itself
			s.State.Signing = Rotation{
				Algorithm: signing.ES256, JWKSMaxAge: time.Minute, Prepublish: time.Hour, ActiveLife: 2 * time.Hour, Retire: time.Hour,
			}
		}))
	}
	e := d.replicas[0].ready("default", "prod")
	d.keepUp()
	env, err := d.replicas[0].state.tenants.EnvironmentByID(e.ID)
	if err != nil {
		t.Fatal(err)
	}
	d.env = env
	return d
}

// keepUp does what every replica does from time to time.
func (d *drill) keepUp() {
	d.t.Helper()
	for _, r := range d.replicas {
		if err := r.state.Refresh(d.t.Context()); err != nil {
			d.t.Fatal(err)
		}
		if err := r.state.signer.Step(d.t.Context()); err != nil {
			d.t.Fatal(err)
		}
	}
}

// exchange exchanges 20 tokens in every second of the clock, on both replicas by turns.
func (d *drill) exchange(long time.Duration) {
	d.t.Helper()
	const pause = 50 * time.Millisecond
	for i := range int(long / pause) {
		d.now.advance(pause)
		if i%200 == 0 {
			d.keepUp()
		}
		r := d.replicas[i%len(d.replicas)]
		told, _, err := r.state.federation.Exchange(d.t.Context(), d.env, caller.Caller{Organization: d.env.Organization, Key: "key_1", Name: "drill"})
		if err != nil {
			d.t.Fatalf("after %d exchanges: %v", i, err)
		}
		d.ripe(r, told.KID)
	}
}

// ripe sees that a key signs only after its prepublish time, the first of all excepted.
func (d *drill) ripe(r *replica, kid string) {
	d.t.Helper()
	for _, k := range r.state.signer.Keys(signing.DefaultIssuer) {
		if k.ID == kid {
			d.made[kid] = k
		}
	}
	k, ok := d.made[kid]
	if age := d.now.Now().Sub(k.Created); !ok || age < time.Hour && k.Unripe == "" {
		d.t.Errorf("%s signed %v after it was published", kid, age)
	}
}

// pass lets time go by without exchanges.
func (d *drill) pass(long time.Duration) {
	for range int(long / (10 * time.Minute)) {
		d.now.advance(10 * time.Minute)
		d.keepUp()
	}
	d.now.advance(long % (10 * time.Minute))
	d.keepUp()
}

func (d *drill) active() string {
	d.t.Helper()
	for _, k := range d.replicas[0].state.signer.Keys(signing.DefaultIssuer) {
		if k.State == signing.Active {
			return k.ID
		}
	}
	d.t.Fatal("no key signs")
	return ""
}

// everyRotationOnce reads in the audit that no key began to sign twice, and
// that two replicas made no more keys than one would have.
func (d *drill) everyRotationOnce() {
	d.t.Helper()
	rows, err := d.replicas[1].state.store.Rows(d.t.Context(), audit.Query{Action: "key.", Limit: 1000})
	if err != nil {
		d.t.Fatal(err)
	}
	began, made := map[string]int{}, 0
	for _, row := range rows {
		switch row.Action {
		case "key.activate":
			began[row.Target]++
		case "key.create":
			made++
		}
	}
	for kid, n := range began {
		if n != 1 {
			d.t.Errorf("%s began to sign %d times", kid, n)
		}
	}
	// The first, the rotations, the revocation; and after each there is one next.
	if made != len(began)+1 {
		d.t.Errorf("%d keys were made, and %d ever signed", made, len(began))
	}
}
