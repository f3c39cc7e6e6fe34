package app

import (
	"cmp"
	"context"
	"encoding/json"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/tenant"
)

// fileSetting is what the database keeps the organization of spicepod.yaml under.
const fileSetting = "file.organization"

// firstOrganizationName is what the organization is called that a first start makes.
const firstOrganizationName = "default"

// fileOwner is the organization of spicepod.yaml as it was found: by the name
// that the settings asked for, and from then on by its id. It may be called
// otherwise by now, and another organization may have the name.
type fileOwner struct {
	Asked string `json:"asked"`
	ID    string `json:"id"`
}

// firstOrganization finds the organization of spicepod.yaml, and makes it where
// it is the default one and there is none yet. One that is not there, or not any
// more, is no reason to keep an operator from the others.
func (s *state) firstOrganization(ctx context.Context) error {
	former, err := s.formerOwner(ctx)
	if err != nil {
		return err
	}
	now := fileOwner{Asked: cmp.Or(s.settings.FileOrganization, former.Asked, firstOrganizationName)}
	if err := s.makeFirst(ctx, now.Asked); err != nil {
		return err
	}
	now.ID, err = s.owner(now.Asked, former)
	if fault.KindOf(err) == fault.NotFound {
		s.noFile = fault.New(fault.Config, "there is no organization %s for the models of spicepod.yaml and the keys of the settings", now.Asked).
			WithRemedy("Create it with `adit org create %s`, or name an existing one with --file-organization.", now.Asked)
		return nil
	}
	if err != nil {
		return err
	}
	s.file = now.ID
	return s.keepOwner(ctx, former, now)
}

// makeFirst makes the default organization on a server without any.
func (s *state) makeFirst(ctx context.Context, asked string) error {
	all, err := s.tenants.Organizations()
	if err != nil || len(all) > 0 || asked != firstOrganizationName {
		return err
	}
	_, err = s.tenants.CreateOrganization(ctx, audit.System(), tenant.OrganizationInput{Name: asked, Description: "Created on first start"})
	return err
}

// owner is the id of the organization that is asked for: the one that was found
// under that name before, while it lives, and else the one that has the name.
func (s *state) owner(asked string, former fileOwner) (string, error) {
	if asked == former.Asked {
		id, err := s.tenants.OrganizationID(former.ID)
		if fault.KindOf(err) != fault.NotFound {
			return id, err
		}
	}
	return s.tenants.OrganizationID(asked)
}

func (s *state) formerOwner(ctx context.Context) (former fileOwner, err error) {
	text, found, err := s.store.Setting(ctx, fileSetting)
	if err != nil || !found {
		return former, err
	}
	if err := json.Unmarshal([]byte(text), &former); err != nil {
		return former, fault.Wrap(err, fault.Unavailable, "the setting %s in the database is damaged", fileSetting).
			WithCode("database_broken").WithRemedy("Restore a backup with `adit db restore`.")
	}
	return former, nil
}

// keepOwner keeps whose the file is. Where it was another's, the audit tells.
func (s *state) keepOwner(ctx context.Context, former, now fileOwner) error {
	if former == now {
		return nil
	}
	text, err := json.Marshal(now)
	if err != nil {
		return err
	}
	var events []audit.Event
	if former.ID != "" && former.ID != now.ID {
		events = append(events, audit.Event{
			Time: s.settings.Now(), Actor: audit.System(), Action: fileSetting, Target: now.ID, Outcome: "ok",
			Details: map[string]string{"former": former.ID, "now": now.ID},
		})
	}
	return s.store.SetSetting(ctx, fileSetting, string(text), events...)
}

// fileOrganization is the id of the organization that spicepod.yaml belongs to.
func (s *state) fileOrganization() (string, error) { return s.file, s.noFile }

// fileName is what that organization is called now.
func (s *state) fileName() string {
	if o, err := s.tenants.Organization(s.file); err == nil {
		return o.Name
	}
	return s.settings.FileOrganization
}
