package signing

import (
	"slices"
	"time"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/seal"
)

// Why a key moved, as events tell it.
const (
	whyFirst     = "first"     // the issuer's first key
	whyForced    = "forced"    // a revocation without a ripe key
	whyScheduled = "scheduled" // its time had come
	whyRequested = "requested" // an operator asked for it
	whyRevoked   = "revoked"
	whyAlgorithm = "algorithm" // another algorithm took its place
)

// draft is a change of one issuer's keys that is being made up. It begins with
// the keys as the store has them, and every move adds its audit event.
type draft struct {
	issuer string
	rules  Settings
	vault  *seal.Vault
	now    time.Time
	actor  audit.Actor

	keys    []Key
	changed []string // kids
	events  []audit.Event
}

func (d *draft) find(kid string) (Key, bool) {
	if i := slices.IndexFunc(d.keys, func(k Key) bool { return k.ID == kid }); i >= 0 {
		return d.keys[i], true
	}
	return Key{}, false
}

// published counts the keys in the JWKS.
func (d *draft) published() int {
	n := 0
	for _, k := range d.keys {
		if k.State != Gone {
			n++
		}
	}
	return n
}

// ripe returns the oldest next key that was published long enough to sign, of
// the algorithm if one is given.
func (d *draft) ripe(algorithm string) (Key, bool) {
	for _, k := range inOrder(d.keys) {
		if k.State == Next && (algorithm == "" || k.Algorithm == algorithm) && !d.now.Before(d.rules.ripens(k)) {
			return k, true
		}
	}
	return Key{}, false
}

// make adds a fresh key of the configured algorithm, as next, or as active for
// one of the two reasons to sign unripe.
func (d *draft) make(state State, unripe, why string) error {
	kid, public, private, err := generate(d.rules.Algorithm)
	if err != nil {
		return err
	}
	defer clear(private)
	k := Key{ID: kid, Issuer: d.issuer, Algorithm: d.rules.Algorithm, State: state, Public: public, Created: d.now}
	if k.Sealed, err = d.vault.Seal(k.ID, Purpose, string(state), private); err != nil {
		return err
	}
	if state == Active {
		k.Activated, k.Unripe = d.now, unripe
	}
	d.keys = append(d.keys, k)
	d.note(k, "key.create", why)
	if state == Active {
		d.note(k, "key.activate", why)
	}
	return nil
}

// activate lets a next key sign, and sends the one that signed until now to
// the state that is given: its private half is erased in the same change.
func (d *draft) activate(kid, unripe, why string, former State) error {
	k, _ := d.find(kid)
	private, err := d.vault.Open(k.ID, Purpose, string(k.State), k.Sealed)
	if err != nil {
		return err
	}
	defer clear(private)
	if k.Sealed, err = d.vault.Seal(k.ID, Purpose, string(Active), private); err != nil {
		return err
	}
	d.end(former, why)
	k.State, k.Activated, k.Unripe = Active, d.now, unripe
	d.put(k)
	d.note(k, "key.activate", why)
	return nil
}

// end stops the active key, if there is one.
func (d *draft) end(state State, why string) {
	k, ok := first(d.keys, Active)
	switch {
	case !ok:
	case state == Gone:
		d.remove(k.ID, why)
	default:
		k.State, k.Demoted, k.Sealed = state, d.now, nil
		d.put(k)
		d.note(k, "key.demote", why)
	}
}

// remove takes a key out of the JWKS for good.
func (d *draft) remove(kid, why string) {
	k, _ := d.find(kid)
	if k.State == Active {
		k.Demoted = d.now
	}
	k.State, k.Removed, k.Sealed = Gone, d.now, nil
	d.put(k)
	if why == whyRevoked {
		d.note(k, "key.revoke", why)
		return
	}
	d.note(k, "key.remove", why)
}

func (d *draft) put(k Key) {
	i := slices.IndexFunc(d.keys, func(have Key) bool { return have.ID == k.ID })
	d.keys[i] = k
}

func (d *draft) note(k Key, action, why string) {
	if !slices.Contains(d.changed, k.ID) {
		d.changed = append(d.changed, k.ID)
	}
	details := map[string]string{"issuer": d.issuer, "algorithm": k.Algorithm, "state": string(k.State), "why": why}
	if k.Unripe != "" {
		details["unripe"] = k.Unripe
	}
	d.events = append(d.events, audit.Event{Time: d.now, Actor: d.actor, Action: action, Target: k.ID, Outcome: "ok", Details: details})
}

// changes returns the keys to write.
func (d *draft) changes() []Key {
	var out []Key
	for _, k := range d.keys {
		if slices.Contains(d.changed, k.ID) {
			out = append(out, k)
		}
	}
	return out
}
