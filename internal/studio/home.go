package studio

func (s *studio) homeRoutes() []route {
	return []route{
		get("/{$}", "", s.first),
		get("/o/{org}", "", s.home),
	}
}

// first is the first page: the organization seen last, or the only one, or a list to choose from.
func (s *studio) first(v *visit) (answer, error) {
	ids := v.who.Organizations()
	if len(ids) == 1 {
		return moved{to: address(root+"/o", ids[0])}, nil
	}
	return page{template: "home", title: "Organizations"}, nil
}

func (s *studio) home(_ *visit) (answer, error) {
	return page{template: "home", title: "Home", section: "home"}, nil
}
