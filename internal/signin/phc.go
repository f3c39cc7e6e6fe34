package signin

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/crypto/argon2"
)

// cost is what a hash takes: memory in KiB, passes over it, and lanes.
type cost struct {
	memory, passes uint32
	lanes          uint8
}

// strength is today's cost: 64 MiB, three passes, one lane (RFC 9106, section 4,
// the second recommended option, with one lane instead of four because several
// sign-ins share the processors).
func strength() cost { return cost{memory: 64 << 10, passes: 3, lanes: 1} }

// passwordHash is an argon2id hash with all that is needed to compute it again.
type passwordHash struct {
	cost
	salt, sum []byte
}

// The bounds of a hash that is read. A row of the database that somebody changed
// must not make the server compute for hours or take all its memory.
const (
	maxMemory  = 1 << 20 // KiB: 1 GiB
	maxPasses  = 32
	maxLanes   = 16
	minSalt    = 8
	minSum     = 16
	maxSaltSum = 64
)

// String returns the hash in PHC's string format
// (github.com/P-H-C/phc-string-format): $argon2id$v=19$m=65536,t=3,p=1$SALT$SUM.
func (h passwordHash) String() string {
	enc := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, h.memory, h.passes, h.lanes, enc(h.salt), enc(h.sum))
}

// errHash says no more: a hash is nothing to show.
var errHash = errors.New("not an argon2id hash in PHC's format that this server computes")

// parseHash reads what [passwordHash.String] writes, and nothing that only resembles it.
func parseHash(s string) (passwordHash, error) {
	parts := strings.Split(s, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != "v="+strconv.Itoa(argon2.Version) {
		return passwordHash{}, errHash
	}
	var h passwordHash
	params := strings.Split(parts[3], ",")
	if len(params) != 3 {
		return passwordHash{}, errHash
	}
	m, okM := number(params[0], "m=", maxMemory)
	t, okT := number(params[1], "t=", maxPasses)
	p, okP := number(params[2], "p=", maxLanes)
	if !okM || !okT || !okP || m < 8*p {
		return passwordHash{}, errHash
	}
	h.memory, h.passes, h.lanes = m, t, uint8(p)
	var err error
	dec := base64.RawStdEncoding.Strict()
	if h.salt, err = dec.DecodeString(parts[4]); err != nil || len(h.salt) < minSalt || len(h.salt) > maxSaltSum {
		return passwordHash{}, errHash
	}
	if h.sum, err = dec.DecodeString(parts[5]); err != nil || len(h.sum) < minSum || len(h.sum) > maxSaltSum {
		return passwordHash{}, errHash
	}
	if h.String() != s { // a line break that base64 passes over, a sign, a leading zero
		return passwordHash{}, errHash
	}
	return h, nil
}

func number(s, name string, most uint32) (uint32, bool) {
	digits, ok := strings.CutPrefix(s, name)
	n, err := strconv.ParseUint(digits, 10, 32)
	return uint32(n), ok && err == nil && n >= 1 && n <= uint64(most)
}
