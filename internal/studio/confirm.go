package studio

import "github.com/adit-hq/adit/internal/fault"

// confirmation is a page of its own before something that cannot be undone: it
// says what breaks, and asks for a name to be typed.
type confirmation struct {
	// What is what will be done, as a sentence.
	What string
	// Breaks is what will no longer work, one sentence each.
	Breaks []string
	// Uses are what still names it, and More how many more there are.
	Uses []use
	More int
	// Type is what must be typed; "" asks for nothing.
	Type string
	// TypeWhat says what that is, such as "the environment's name".
	TypeWhat string
	// To is where the form is sent; Button what its button says.
	To, Button string
	// Harmless confirmations break nothing, and their button is no warning.
	Harmless bool
	// Disabled confirmations cannot be given now; What says why, and from when on.
	Disabled bool
	// Back is where who changed their mind goes.
	Back string
	// Hidden are fields sent along.
	Hidden map[string]string
	// Boxes are consequences that must be ticked one by one, or wishes that may be, by the names of their fields.
	Boxes []box
	Form  form
}

// box is a consequence that is agreed to.
type box struct {
	Name, Label, Hint string
	Optional          bool
}

// page is the confirmation as a page.
func (c confirmation) page(title string, trail ...link) page {
	return page{template: "confirm", title: title, trail: trail, data: c}
}

// confirmed checks what was typed; the field is named "confirm".
func (v *visit) confirmed(want string) error {
	if v.typed("confirm") == want {
		return nil
	}
	return fault.New(fault.Invalid, "that is not the name: type %s", want).WithParam("confirm").WithCode("not_confirmed")
}
