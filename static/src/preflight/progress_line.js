import {Component} from "@odoo/owl";

/** How far a question has come that is asked part by part. */
export class ProgressLine extends Component {
    static template = "mass_mailing_contact_strategy.ProgressLine";
    static props = {label: String, percent: Number};
}
