package federation

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"

	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/tenant"
)

// tags returns the session tags of a caller, and a digest that tells them
// apart: organization, environment and key by id, and the key's own. A key's
// own tag cannot replace one of the three; AWS does not tell the cases of tag
// keys apart (STS API reference, Tag), so neither does this.
func tags(env *tenant.Environment, c caller.Caller) (all map[string]string, digest string) {
	ours := map[string]string{"organization": env.Organization, "environment": env.ID, "key": c.Key}
	if c.Key == "" { // the server itself
		delete(ours, "key")
	}
	all = maps.Clone(ours)
	for k, v := range c.Tags {
		if _, taken := ours[strings.ToLower(k)]; !taken {
			all[k] = v
		}
	}
	h := sha256.New()
	for _, k := range slices.Sorted(maps.Keys(all)) {
		h.Write([]byte(k + "\x00" + all[k] + "\x00"))
	}
	return all, hex.EncodeToString(h.Sum(nil)[:8])
}
