package federation

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/ident"
	"github.com/adit-hq/adit/internal/tenant"
)

// maxSessionName is AWS's limit (STS API reference, AssumeRoleWithWebIdentity: 2 to 64 of [\w+=,.@-]).
const maxSessionName = 64

// The forms of a session's name, which CloudTrail and the bill show:
//
//	adit-env_5f0c2d1e9a7b4c3d2e1f0a9b                                     by environment
//	adit-env_5f0c2d1e9a7b4c3d2e1f0a9b-key_0a9b5f0c2d1e9a7b4c3d2e1f         by key
//	adit-env_5f0c2d1e9a7b4c3d2e1f0a9b-tru_0a9b5f0c2d1e9a7b4c3d2e1f         by trusted issuer, where a token of it called
//	adit-env_5f0c2d1e9a7b4c3d2e1f0a9b-usr_0a9b5f0c2d1e9a7b4c3d2e1f         by person, in Studio's playground
//	adit-env_5f0c2d1e9a7b4c3d2e1f0a9b-user_77d0e1b3c52f48aa90c61e2d        by user, hashed
//	adit-env_5f0c2d1e9a7b4c3d2e1f0a9b-anna@example.com                     by user, plain
//
// The ids are those that `adit env list`, `adit key list` and the like show, so that a
// line of CloudTrail can be looked up. What does not fit or is not of AWS's
// alphabet is cut and ends in a hash of the whole. Different environments, keys
// and users never get the same name: no part can be written so that it reads
// like another kind's.

// namer names sessions.
type namer struct{ hashKey []byte }

// environment names the session of all callers of an environment.
func (n namer) environment(env string) string {
	if ident.Check(ident.Environment, env) != nil {
		return "adit-env." + n.hash(digits, "environment", env)
	}
	return "adit-" + env
}

// key names the session of one API key, trusted issuer or person.
func (n namer) key(env, key string) string {
	name := n.environment(env) + "-"
	if !isCaller(key) { // a key that is no record, such as one of the server's own settings
		name, key = name+"key.", n.fit(key, maxSessionName-len(name)-len("key."))
	}
	return name + key
}

// isCaller reports whether a caller is one of those that have records.
func isCaller(id string) bool {
	return ident.Check(ident.Key, id) == nil || ident.Check(ident.Trust, id) == nil || ident.Check(ident.Person, id) == nil
}

// user names the session of a user, as the request calls them.
func (n namer) user(env *tenant.Environment, user string, plain bool) string {
	name := n.environment(env.ID) + "-"
	if !plain {
		// Bound to the organization: nobody can tell that two of them have the same user.
		return name + "user_" + n.hash(24, "user", env.Organization, user)
	}
	for _, reserved := range []string{"key", "user", "tru", "usr"} {
		if strings.HasPrefix(user, reserved+"_") || strings.HasPrefix(user, reserved+".") {
			name += "user."
			break
		}
	}
	return name + n.fit(user, maxSessionName-len(name))
}

// digits is how long a hash at the end of a cut name is: 80 bits under a secret key.
const digits = 20

// fit returns text as it is if it fits and is of AWS's alphabet, and otherwise
// its beginning and a hash of it. No text reads like the cut form of another.
func (n namer) fit(text string, room int) string {
	if clean := sanitize(text); clean == text && text != "" && len(text) <= room && !endsInHash(text) {
		return text
	}
	begin := sanitize(text[:min(len(text), room-digits-1)])
	return begin + "." + n.hash(digits, "text", text)
}

func endsInHash(text string) bool {
	i := len(text) - digits - 1
	if i < 0 || text[i] != '.' {
		return false
	}
	_, err := hex.DecodeString(text[i+1:])
	return err == nil
}

// sanitize replaces every byte that AWS does not take in a session's name.
func sanitize(text string) string {
	b := []byte(text)
	for i, c := range b {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', strings.IndexByte("_+=,.@-", c) >= 0:
		default:
			b[i] = '_'
		}
	}
	return string(b)
}

// hash returns the first hex digits of an HMAC. It is keyed, so that nobody
// can search for two texts with the same hash or try names against one.
func (n namer) hash(digits int, parts ...string) string {
	mac := hmac.New(sha256.New, n.hashKey)
	for _, p := range parts {
		mac.Write([]byte(p))
		mac.Write([]byte{0})
	}
	return hex.EncodeToString(mac.Sum(nil))[:digits]
}

// session is a role session that a caller wants.
type session struct {
	name string
	tags map[string]string // nil: none
	// tagged tells sessions of the same name with different tags apart.
	tagged string
	user   bool // named after a user
}

// sessionFor returns the session that the caller gets when there is room.
func (n namer) sessionFor(env *tenant.Environment, plainUsers bool, c caller.Caller) session {
	s := session{}
	switch {
	case env.SessionName == tenant.ByEnvironment:
		s.name = n.environment(env.ID)
	case env.SessionName == tenant.ByUser && c.User != "":
		s.name, s.user = n.user(env, c.User, plainUsers), true
	default:
		s.name = n.key(env.ID, c.Key)
	}
	if env.SessionTags {
		s.tags, s.tagged = tags(env, c)
	}
	return s
}
