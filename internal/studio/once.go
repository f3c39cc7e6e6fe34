package studio

import (
	"context"
	"crypto/rand"
	"net/http"
	"strings"

	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/fault"
)

// onceField is the hidden field that tells one form from the next. Loading the
// page again that answers a form sends the form again; what the form made must
// not be made a second time, and a secret not be replaced unasked.
const onceField = "once"

// once is the value of the field in a form that is drawn. One that was refused
// made nothing and keeps its own, unless that stands for something else by now.
func once(f form) string {
	if was := f.Value(onceField); onceShaped(was) && code(f.err) != "idempotency_mismatch" {
		return was
	}
	return rand.Text()
}

// onceShaped reports whether a text may be one of [rand.Text], at least 128 bits
// in base32: it goes into a header.
func onceShaped(s string) bool {
	return len(s) >= 26 && len(s) <= 64 && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") == ""
}

// ctx is the visit's context. What is made in that of a form is made once.
func (v *visit) ctx() context.Context {
	ctx := v.r.Context()
	if key := v.posted().Get(onceField); v.r.Method == http.MethodPost && onceShaped(key) {
		return client.Once(ctx, key)
	}
	return ctx
}

// code is a fault's; "" for none.
func code(err error) string {
	if err == nil {
		return ""
	}
	return fault.From(err).Code
}

// alreadyDone answers a form that came again after it had made something with a
// secret, which nobody can show a second time. It leads where the form's page does.
func alreadyDone(p page) answer {
	done := page{
		template: "already-done", title: "Already created", section: p.section, trail: p.trail, status: http.StatusConflict,
		data: "Rotate the key if you have lost it.",
	}
	if p.template == "organization-invite" {
		done.data = "Create a new link if you have lost it."
	}
	return done
}

// madeOtherwise says that a form came again with other values, after it had made
// something: by way of the browser's Back.
func madeOtherwise() error {
	return fault.New(fault.Invalid, "this form was sent before with other values, and what it created then exists; nothing was created now").
		WithCode("idempotency_mismatch").WithRemedy("Check it first. To create another one, submit the form again.")
}
