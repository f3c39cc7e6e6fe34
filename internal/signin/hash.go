package signin

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"time"

	"golang.org/x/crypto/argon2"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/secret"
)

// hasher hashes passwords, a few at once: each takes 64 MiB and a processor for
// a tenth of a second, and who asks need not have proved anything.
type hasher struct {
	slots chan struct{}
	cost  cost
	// nobody is compared with when there is no hash, so that it takes as long.
	nobody passwordHash
}

const (
	saltLen = 16
	sumLen  = 32
	// patience is how long one waits for a turn at most.
	patience = 10 * time.Second
)

func newHasher(atOnce int, c cost) *hasher {
	h := &hasher{slots: make(chan struct{}, atOnce), cost: c}
	h.nobody = passwordHash{cost: c, salt: random(saltLen), sum: random(sumLen)}
	return h
}

// turn waits until another password may be hashed, at most as long as ctx lives
// and at most ten seconds. Call what it returns afterwards.
func (h *hasher) turn(ctx context.Context) (done func(), err error) {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case h.slots <- struct{}{}:
		return func() { <-h.slots }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-timer.C:
		f := fault.New(fault.Unavailable, "too many people sign in at this moment").
			WithCode("busy").WithRemedy("Try again in a minute.")
		f.RetryAfter = time.Minute
		return nil, f
	}
}

// compare reports whether the password is the one that was hashed, and whether
// it should be hashed anew because today's cost is another. It takes as long for
// a hash that is empty or broken. Have a turn.
func (h *hasher) compare(stored string, password secret.String) (right, stale bool) {
	want, err := parseHash(stored)
	known := err == nil
	if !known {
		want = h.nobody
	}
	text := password.Reveal()
	if len(text) > maxPassword {
		known, text = false, ""
	}
	got := want.of(text)
	right = subtle.ConstantTimeCompare(got, want.sum) == 1 && known
	return right, right && (want.cost != h.cost || len(want.salt) != saltLen || len(want.sum) != sumLen)
}

// hash returns the hash of a new password. Have a turn.
func (h *hasher) hash(password secret.String) string {
	made := passwordHash{cost: h.cost, salt: random(saltLen), sum: make([]byte, sumLen)}
	made.sum = made.of(password.Reveal())
	return made.String()
}

// of returns what the password hashes to with this one's salt and cost.
func (h passwordHash) of(password string) []byte {
	return argon2.IDKey([]byte(password), h.salt, h.passes, h.memory, h.lanes, uint32(len(h.sum)))
}

func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // never fails (crypto/rand since Go 1.24)
	return b
}
