package signing

import (
	"errors"
	"slices"

	"github.com/adit-hq/adit/internal/fault"
)

// mostKeys is how many published keys `adit issuer keys rotate` stops at, and
// alarmAbove is how many are told to the log. AWS fails above 100.
const (
	mostKeys   = 9
	alarmAbove = 6
)

// due makes the moves whose time has come. One that fails, such as a next key
// that does not unseal, does not hold up the others.
func (d *draft) due(isNew bool) error {
	if isNew {
		return errors.Join(d.make(Active, whyFirst, whyFirst), d.make(Next, "", whyFirst))
	}
	for _, k := range slices.Clone(d.keys) {
		if k.State == Retiring && !d.now.Before(k.Demoted.Add(d.rules.Retire)) {
			d.remove(k.ID, whyScheduled)
		}
	}
	active, signs := first(d.keys, Active)
	next, ready := d.ripe(d.rules.Algorithm)
	var faults []error
	switch {
	case signs && d.now.Before(active.Activated.Add(d.rules.ActiveLife)):
	case ready:
		faults = append(faults, d.activate(next.ID, "", whyScheduled, Retiring))
	case !signs:
		faults = append(faults, fault.New(fault.Internal, "no key of issuer %s can sign, and no next key is ready", d.issuer))
	}
	faults = append(faults, d.provideNext(whyScheduled))
	d.dropOtherAlgorithms()
	return errors.Join(faults...)
}

// rotate lets the next key sign now.
func (d *draft) rotate() error {
	next, ok := d.ripe(d.rules.Algorithm)
	if !ok {
		return d.notRipe(d.rules.Algorithm, "the keys cannot be rotated now").
			WithRemedy("Wait until then; if the active key has leaked, revoke it instead.")
	}
	if n := d.published(); n >= mostKeys {
		return fault.New(fault.Invalid, "the keys cannot be rotated now: %d are published, and the oldest are removed %s after their last signature",
			n, short(d.rules.Retire)).WithCode("too_many_keys").WithRemedy("Try again when some are removed; `adit issuer keys list` shows when.")
	}
	return errors.Join(d.activate(next.ID, "", whyRequested, Retiring), d.provideNext(whyRequested))
}

// notRipe says that no next key, of the algorithm if one is given, may sign
// yet, and from when on one may.
func (d *draft) notRipe(algorithm, what string) *fault.Error {
	for _, k := range inOrder(d.keys) {
		if k.State == Next && (algorithm == "" || k.Algorithm == algorithm) {
			return fault.New(fault.Invalid, "%s: the next key %s was published at %s and can sign from %s, when every verifier has it",
				what, k.ID, day(k.Created), day(d.rules.ripens(k))).WithCode("no_ripe_key")
		}
	}
	return fault.New(fault.Invalid, "%s: there is no next key", what).WithCode("no_ripe_key")
}

// provideNext makes a next key of the configured algorithm if there is none.
func (d *draft) provideNext(why string) error {
	for _, k := range d.keys {
		if k.State == Next && k.Algorithm == d.rules.Algorithm {
			return nil
		}
	}
	return d.make(Next, "", why)
}

// dropOtherAlgorithms takes out next keys of another algorithm, kept in reserve
// for a revocation, once one of the configured algorithm can do that.
func (d *draft) dropOtherAlgorithms() {
	if _, ok := d.ripe(d.rules.Algorithm); !ok {
		return
	}
	for _, k := range slices.Clone(d.keys) {
		if k.State == Next && k.Algorithm != d.rules.Algorithm {
			d.remove(k.ID, whyAlgorithm)
		}
	}
}
