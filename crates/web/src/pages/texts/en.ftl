# Texts of the pages in English. Every language file has the same names.

## On every page

opens-elsewhere = opens in a new tab
cancel = Cancel
continue = Continue
client-links = About { $client }:
client-links-policy = Privacy policy
client-links-terms = Terms of service

## Who is signed in

account-signed-in-as = Signed in as
account-not-you = Not you?
password-show = Show
password-hide = Hide

## Pages that go on by themselves

form-post-title = One moment
form-post-heading = One moment
form-post-text = You are on your way back to { $client }.
form-post-manually = If nothing happens, press Continue.
repost-title = One moment
repost-heading = One moment
repost-text = Your sign-in is being prepared.

## Errors

error-problem = Error
error-request-id = Request ID
error-request-id-hint = If you ask for help, please include this ID.
error-return = Back to the application
error-place = The application is at { $place }.
error-account = Your account
error-explain-heading = For developers
error-explain-cause = Cause
error-explain-rule = Rule
error-explain-received = Received
error-explain-expected = Expected
error-explain-fix = How to fix it
error-explain-docs = More about this cause

cause-text = This cause appears in the service’s log and, if explanations are turned on, in its error responses.
cause-code = Error code

error-invalid-request-heading = Request not understood
error-invalid-request-text = Something in the application’s request is missing or malformed. Please go back to the application and try again.
error-interaction-expired-heading = This page is no longer available
error-interaction-expired-text = This page is part of a sign-in and can’t be opened by itself. Please start again from the application.
error-other-browser-heading = This form does not belong to this browser
error-other-browser-text = It was opened in another browser or session, it is incomplete, or your browser blocks cookies for this site. Please start again from the application.
error-not-found-heading = Page not found
error-not-found-text = There is no page at this address.
error-method-not-allowed-heading = This address can’t be opened like that
error-method-not-allowed-text = It is part of a sign-in and can’t be opened by itself. Please start again from the application.
error-too-large-heading = Request too large
error-too-large-text = The application sent more than this service accepts. Please tell the people who run that application.
error-server-fault-heading = Something went wrong here
error-server-fault-text = It is not your fault. Please try again in a moment.
error-unavailable-heading = Not available right now
error-unavailable-text = Something that this service needs cannot be reached at the moment. Please try again shortly.
