package web

import "hienke/internal/civic"

// accountPages are the pages about accounts and sign-ins, full and empty, for
// TestEveryPage.
func accountPages(w words) map[string]Page {
	who := Frame{Section: "account", Staff: StaffName{Name: "Trần Văn Bình", Role: civic.RoleAdministrator}}
	f := newForm(w, map[string]string{}, nil)
	password := newPasswordField(f)
	block := func(id string) FormBlock {
		return FormBlock{
			ID: id, Title: w.t("account.password"), Lead: w.t("account.password_lead"), URL: "/staff/account/password",
			Hidden: []Hidden{{"next", "/staff/queue"}}, Fields: []Field{{Name: "password", Prefix: id + "-", Widget: "input", Type: "password", Label: password.Label}}, Button: w.t("account.password_go"), Tone: "secondary",
		}
	}
	form := block("one")
	passkey := &Passkey{Act: "create", URL: "/staff/account/passkeys", Step: "s", Options: `{"a":"<b>"}`, Origin: "https://hienke.example.vn", Hidden: []Hidden{{"next", "/"}}, Button: w.t("passkey.new")}
	look := &Passkey{Act: "look", URL: "/staff/sign-in/passkey", Origin: "https://hienke.example.vn", Button: w.t("passkey.sign_in"), Quiet: true, AtOnce: true}
	facts := []Detail{{w.t("users.name"), Name{"Trần Văn Bình", "vi"}}, {w.t("staff.col_agency"), most}}
	stop := []*Notice{{Tone: "stop", Title: w.t("desk.refused_title"), Text: w.t("users.name"), Alert: true}}
	history := []HistoryLine{{At: sampleTime, What: "Đổi mật khẩu", By: "Trần Văn Bình"}, {At: sampleTime, What: "Đăng nhập"}}
	open := Tag{w.t("rules.draft", "version", 1), "done"}
	qr, _ := qrCode("otpauth://totp/x")
	return map[string]Page{
		"staff-account": &AccountPage{Frame: who, Errors: []FieldError{{"two-password", "x"}}, Notices: stop, Facts: facts, Recovery: []string{"AAAA-BBBB", "CCCC-DDDD"}, Pending: &PendingCodes{QR: qr, Secret: "ABCD EFGH"},
			Factors: []FormBlock{block("two")}, Passkeys: []PasskeyRow{{Name: "Điện thoại <cũ>", Told: "x", Doubted: true, Forms: []FormBlock{block("three")}, Open: true}, {Name: "Máy tính", Told: "x"}},
			NewPasskey: passkey, Digest: block("four"), Password: &form, Sessions: []SessionRow{{Handle: "a", Device: "Firefox, Windows", Seen: "x", Current: true}, {Handle: "b", Device: "Chrome, Android", Seen: "y"}}},
		"staff-account-bare":   &AccountPage{Frame: who, Facts: facts, NoPasskeys: w.t("passkey.unsuited", "address", "http://x"), Digest: form, Sessions: []SessionRow{{Handle: "a", Device: "Firefox", Seen: "x", Current: true}}},
		"staff-simple":         &SimplePage{Errors: []FieldError{{"one-password", "x"}}, Notice: stop[0], Heading: w.t("reset.title"), Lead: w.t("reset.lead"), Form: &form, Passkey: look},
		"staff-simple-bare":    &SimplePage{Heading: w.t("reset.title"), Elsewhere: "https://provider.example/end"},
		"staff-passkey":        &PasskeyPage{Notice: stop[0], Heading: w.t("passkey.title"), Lead: w.t("passkey.lead"), Passkey: passkey, Back: Link{Label: w.t("staff.account"), URL: "/staff/account"}},
		"staff-passkey-failed": &PasskeyPage{Heading: w.t("passkey.title"), Back: Link{Label: w.t("staff.account"), URL: "/staff/account"}},
		"staff-users-empty":    &UsersPage{Frame: who, Invite: form},
		"staff-users": &UsersPage{Frame: who, Errors: []FieldError{{"one-password", "x"}}, Notices: stop, Filters: []Field{f.field("q", nil)}, Total: 2, Invite: form, Rows: []UserRow{
			{URL: "/staff/users/1", Name: "Lê Thị Hoa", Email: "hoa@demo.test", Role: civic.RoleOfficer, Agency: most, State: open, Last: "14:05, 22/11/2026"}, {URL: "/staff/users/2", Name: "Máy", Email: "may@demo.test", Role: civic.RoleService, State: open}}},
		"staff-user-bare":    &UserPage{Frame: who, Heading: "Lê Thị Hoa", Facts: facts},
		"staff-user":         &UserPage{Frame: who, Errors: []FieldError{{"two-password", "x"}}, Notices: stop, Heading: "Lê Thị Hoa", Facts: facts, Forms: []FormBlock{block("two"), block("three")}, History: history},
		"staff-tokens-empty": &TokensPage{Frame: who},
		"staff-tokens": &TokensPage{Frame: who, Errors: []FieldError{{"one-password", "x"}}, Notices: stop, Fresh: "hk_x", Issue: &form, Rows: []TokenRow{
			{Name: "Cổng", Account: "Máy", Used: "x", Scopes: []string{"a", "b"}, LastDay: sampleTime, State: open, Revoke: "/staff/tokens/1/revoke"}, {Name: "Cũ", Account: "Máy", LastDay: sampleTime, State: open}}},
	}
}
