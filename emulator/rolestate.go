package emulator

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// createRole fails with errExists; the account is the one that the ARN names.
func (s *iamState) createRole(r IAMRole, now time.Time) error {
	a, err := parseARN(r.ARN)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	key := roleKey(a.account, r.Name)
	if _, known := s.roles[key]; known {
		return errExists
	}
	if s.roles == nil {
		s.roles = make(map[string]IAMRole)
	}
	r = r.copied()
	r.settled = now.Add(s.settling)
	s.roles[key] = r
	return nil
}

func (s *iamState) role(account, name string) (IAMRole, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	r, ok := s.roles[roleKey(account, name)]
	return r.copied(), ok
}

// rolesOf lists an account's roles by ARN.
func (s *iamState) rolesOf(account string) []IAMRole {
	s.mu.RLock()
	defer s.mu.RUnlock()
	list := []IAMRole{}
	for _, r := range s.roles {
		if a, err := parseARN(r.ARN); err == nil && a.account == account {
			list = append(list, r.copied())
		}
	}
	slices.SortFunc(list, func(a, b IAMRole) int { return strings.Compare(a.ARN, b.ARN) })
	return list
}

// updateRole changes a role; errAbsent, or change's own error. A change of who
// may assume it or of what it may do starts its settling again.
func (s *iamState) updateRole(account, name string, now time.Time, change func(*IAMRole) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := roleKey(account, name)
	old, known := s.roles[key]
	if !known {
		return errAbsent
	}
	r := old.copied()
	if err := change(&r); err != nil {
		return err
	}
	same := r.TrustPolicy == old.TrustPolicy && r.Boundary == old.Boundary && r.MaxSession == old.MaxSession &&
		maps.Equal(r.Inline, old.Inline) && slices.Equal(r.Attached, old.Attached)
	if !same {
		r.settled = now.Add(s.settling)
	}
	s.roles[key] = r
	return nil
}

// deleteRole removes a role that check, which may be nil, has no objection to.
func (s *iamState) deleteRole(account, name string, check func(IAMRole) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := roleKey(account, name)
	r, known := s.roles[key]
	if !known {
		return errAbsent
	}
	if check != nil {
		if err := check(r.copied()); err != nil {
			return err
		}
	}
	delete(s.roles, key)
	return nil
}

// createPolicy fails with errExists.
func (s *iamState) createPolicy(p ManagedPolicy) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, known := s.policies[p.ARN]; known {
		return errExists
	}
	if s.policies == nil {
		s.policies = make(map[string]ManagedPolicy)
	}
	s.policies[p.ARN] = p.copied()
	return nil
}

// policy finds a customer's policy or one of AWS's own that the emulator knows.
func (s *iamState) policy(arn string) (ManagedPolicy, bool) {
	if p, ok := builtInPolicy(arn); ok {
		return p, true
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	p, ok := s.policies[arn]
	return p.copied(), ok
}

// policiesOf lists an account's own policies by ARN.
func (s *iamState) policiesOf(account string) []ManagedPolicy {
	s.mu.RLock()
	defer s.mu.RUnlock()
	list := []ManagedPolicy{}
	for _, p := range s.policies {
		if a, err := parseARN(p.ARN); err == nil && a.account == account {
			list = append(list, p.copied())
		}
	}
	slices.SortFunc(list, func(a, b ManagedPolicy) int { return strings.Compare(a.ARN, b.ARN) })
	return list
}

// updatePolicy changes a customer's policy; errAbsent, or change's own error.
func (s *iamState) updatePolicy(arn string, change func(*ManagedPolicy) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, known := s.policies[arn]
	if !known {
		return errAbsent
	}
	p = p.copied()
	if err := change(&p); err != nil {
		return err
	}
	s.policies[arn] = p
	return nil
}

// deletePolicy removes a customer's policy that check has no objection to;
// attached counts the roles that have it attached, boundaries those that have
// it as their boundary.
func (s *iamState) deletePolicy(arn string, check func(p ManagedPolicy, attached, boundaries int) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, known := s.policies[arn]
	if !known {
		return errAbsent
	}
	attached, boundaries := 0, 0
	for _, r := range s.roles {
		if slices.Contains(r.Attached, arn) {
			attached++
		}
		if r.Boundary == arn {
			boundaries++
		}
	}
	if check != nil {
		if err := check(p.copied(), attached, boundaries); err != nil {
			return err
		}
	}
	delete(s.policies, arn)
	return nil
}
