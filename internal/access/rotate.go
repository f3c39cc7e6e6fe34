package access

import (
	"context"
	"time"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/secret"
)

// maxOverlap is how long a former secret may live on at most.
const maxOverlap = 30 * 24 * time.Hour

// Rotate gives a key a new secret and returns the whole API key, shown this
// once. Those in use before work on for the overlap (0 to 30 days, at most until
// they ended anyway), the newest [liveSecrets]. Every key may be rotated by itself.
func (r *Registry) Rotate(ctx context.Context, by By, organization, key string, overlap time.Duration) (Key, secret.String, error) {
	if overlap < 0 || overlap > maxOverlap {
		var f fault.Inputs
		f.Add("overlap_seconds", "the overlap must be 0 to %d days", maxOverlap/(24*time.Hour))
		return Key{}, secret.String{}, f.Err()
	}
	var whole secret.String
	k, err := r.change(ctx, organization, key, 0, func(k Key, now time.Time) (Key, change, error) {
		if by.Principal.Key.ID != k.ID {
			if err := mayChange(by, k); err != nil {
				return k, change{}, err
			}
		}
		var made Secret
		whole, made = r.newSecret(k.ID, now)
		k.Secrets, k.Updated = append([]Secret{made}, formerSecrets(k.Secrets, now, now.Add(overlap))...), now
		return k, change{event(by, "apikey.rotate", k, now, map[string]string{"overlap": overlap.String()})}, nil
	})
	if err != nil {
		return Key{}, secret.String{}, err
	}
	return k, whole, nil
}

// formerSecrets are those that live on after a rotation, until the end at most.
// Which of them is in use nobody knows: the newest may be of a rotation whose
// answer was lost.
func formerSecrets(secrets []Secret, now, end time.Time) []Secret {
	var former []Secret
	for _, s := range secrets {
		if lives(s.Expires, end) {
			s.Expires = end
		}
		if lives(s.Expires, now) && len(former) < liveSecrets-1 {
			former = append(former, s)
		}
	}
	return former
}
