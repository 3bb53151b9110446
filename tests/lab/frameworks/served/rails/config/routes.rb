Rails.application.routes.draw { root to: "pages#show" }
