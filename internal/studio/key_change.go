package studio

import (
	"fmt"
	"strconv"

	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/fault"
)

// keySecret is the page that shows a key, once.
type keySecret struct {
	Key    wire.Key
	Secret string
	Try    string // a request to try it with, without the key
	// Former says until when the former secret works; "" for a new key.
	Former string
}

func (s *studio) createKey(v *visit) (answer, error) {
	f := v.form()
	in, unread := keyInput(f, scope{})
	made, err := v.api.CreateKey(v.ctx(), v.Org.ID, in)
	if err = together(unread, err); err == nil {
		return v.keySecretPage(made, "Your new API key", ""), nil
	}
	return again(v.keyFormPage(v.keyForm(f.with(err), nil, scope{})), err)
}

// keySecretPage answers the change itself: a secret stands in no cookie and in no URL.
func (v *visit) keySecretPage(made wire.NewKey, title, former string) page {
	return page{
		template: "key-secret", title: title, section: "keys", trail: v.keyTrail(made.Key),
		data: keySecret{Key: made.Key, Secret: made.Secret, Try: v.tryKey(made.Key), Former: former},
	}
}

// tryKey is a request that the key may make, for a shell that asks for the key
// without keeping it in its history; "" where it may make none.
func (v *visit) tryKey(k wire.Key) string {
	model := ""
	if len(k.Models) > 0 {
		model = k.Models[0]
	} else if p, err := v.api.CallableModelPage(v.ctx(), v.Org.ID, client.List{Limit: 1}); err == nil && len(p.Items) > 0 {
		model = p.Items[0].Name
	}
	if model == "" {
		return ""
	}
	return "read -rs ADIT_API_KEY && export ADIT_API_KEY   # paste the key, then Enter\n" +
		curlCode(v.base()+"/v1/embeddings", model, []string{"Hello"})
}

func (s *studio) editKey(v *visit) (answer, error) {
	k, err := v.api.Key(v.ctx(), v.Org.ID, v.path("key"))
	if err != nil {
		return nil, err
	}
	f := v.keyForm(form{}, &k, keyScope(k))
	f.Form = keyValues(k, f.Scope)
	return v.keyFormPage(f), nil
}

func (s *studio) changeKey(v *visit) (answer, error) {
	k, err := v.api.Key(v.ctx(), v.Org.ID, v.path("key"))
	if err != nil {
		return nil, err
	}
	f := v.form()
	p, unread := keyPatch(f, k)
	if outdated(f, k.Version) {
		err = meanwhile()
	} else {
		_, err = v.api.UpdateKey(client.IfMatch(v.ctx(), k.Version), v.Org.ID, k.ID, p)
		err = together(unread, err)
	}
	if err == nil {
		return moved{to: v.At("keys", k.ID), notice: "Key updated. Changes apply at once."}, nil
	}
	if conflicts(err) {
		if k, err = v.api.Key(v.ctx(), v.Org.ID, k.ID); err != nil {
			return nil, err
		}
		f, err = versioned(f, k.Version), meanwhile()
	}
	return again(v.keyFormPage(v.keyForm(f.with(err), &k, keyScope(k))), err)
}

// overlaps are how long the former secret may go on.
func overlaps() []option {
	return []option{
		{Value: "0", Label: "Not at all: it stops working now"}, {Value: "3600", Label: "1 hour"}, {Value: "86400", Label: "1 day", Chosen: true},
		{Value: "604800", Label: "7 days"}, {Value: "2592000", Label: "30 days"},
	}
}

type rotateData struct {
	Form     form
	Key      wire.Key
	Overlaps []option
}

func (s *studio) askRotateKey(v *visit) (answer, error) {
	k, err := v.api.Key(v.ctx(), v.Org.ID, v.path("key"))
	if err != nil {
		return nil, err
	}
	return v.rotatePage(k, form{}), nil
}

func (v *visit) rotatePage(k wire.Key, f form) page {
	return page{
		template: "key-rotate", title: "Rotate " + k.Name, section: "keys", trail: v.keyTrail(k), data: rotateData{f, k, overlaps()},
		lead: "The key gets a new secret and keeps its id, permissions and usage history.",
	}
}

func (s *studio) rotateKey(v *visit) (answer, error) {
	k, err := v.api.Key(v.ctx(), v.Org.ID, v.path("key"))
	if err != nil {
		return nil, err
	}
	f := v.form()
	overlap, err := strconv.Atoi(v.typed("overlap_seconds"))
	if err != nil {
		var faults fault.Inputs
		faults.Add("overlap_seconds", "choose how long the previous secret stays valid")
		return again(v.rotatePage(k, f.with(faults.Err())), faults.Err())
	}
	made, err := v.api.RotateKey(v.ctx(), v.Org.ID, k.ID, wire.RotationInput{OverlapSeconds: &overlap})
	if err != nil {
		return again(v.rotatePage(k, f.with(err)), err)
	}
	former := "The previous secret no longer works."
	if len(made.Key.Secrets) > 1 && made.Key.Secrets[1].Expires != nil {
		former = "The previous secret works until " + made.Key.Secrets[1].Expires.UTC().Format("2 January 2006, 15:04 UTC") + "."
	}
	return v.keySecretPage(made, "New secret of "+made.Key.Name, former), nil
}

func (v *visit) revokePage(k wire.Key, f form) page {
	used := "It has never been used."
	if k.LastUsed != nil {
		used = fmt.Sprintf("It was last used %s (%s).", relative(*k.LastUsed, v.now()), k.LastUsed.UTC().Format("2 Jan 2006, 15:04 UTC"))
	}
	c := confirmation{
		What:   "The key " + k.Name + " is revoked at once and permanently.",
		Breaks: []string{"Every request with it is refused from now on, including those of running programs.", used, "Its usage and audit history is kept."},
		Uses:   v.budgetsOf(k.ID),
		Type:   k.Name, TypeWhat: "the key's name", To: v.At("keys", k.ID, "revoke"), Button: "Revoke key", Back: v.At("keys", k.ID), Form: f,
	}
	p := c.page("Revoke "+k.Name, v.keyTrail(k)...)
	p.section = "keys"
	return p
}

func (s *studio) askRevokeKey(v *visit) (answer, error) {
	k, err := v.api.Key(v.ctx(), v.Org.ID, v.path("key"))
	if err != nil {
		return nil, err
	}
	return v.revokePage(k, form{}), nil
}

func (s *studio) revokeKey(v *visit) (answer, error) {
	k, err := v.api.Key(v.ctx(), v.Org.ID, v.path("key"))
	if err != nil {
		return nil, err
	}
	if err = v.confirmed(k.Name); err == nil {
		err = v.api.RevokeKey(v.ctx(), v.Org.ID, k.ID)
	}
	if err != nil {
		return again(v.revokePage(k, v.form().with(err)), err)
	}
	return moved{to: v.At("keys"), notice: "The key " + clip(60, k.Name) + " is revoked."}, nil
}
